// The transcripts of tests/requests/, which `cargo test` has answered natively, answered by the real runtime too.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { root } from "../../scripts/setup/project.mjs";
import { run } from "../../scripts/terminal/run.mjs";
import { serve } from "./support.mjs";

let server;
before(async () => (server = await serve()));
after(() => server?.stop());

test("every transcript is answered as written, by workerd and D1", async () => {
  const env = {
    ...process.env,
    CARGO_TERM_COLOR: "never",
    SELVEDGE_URL: server.url,
    SELVEDGE_ANON_KEY: server.anonKey,
    SELVEDGE_SERVICE_ROLE_KEY: server.serviceRoleKey,
  };
  const { code, output } = await run("cargo", ["test", "--quiet", "--test", "requests"], {
    cwd: root,
    env,
    allowFailure: true,
  });
  assert.equal(code, 0, output);
  const answered = server.logs().filter((line) => line.startsWith('{"time":') && line.includes('"/rest/v1/{table}"'));
  assert.ok(answered.length > 50, `only ${answered.length} requests reached the Worker`);
});

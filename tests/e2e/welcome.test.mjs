// What `npm start` prints to be pasted, pasted.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { requests } from "../../scripts/terminal/welcome.mjs";
import { serve } from "./support.mjs";

let server;
before(async () => {
  server = await serve();
});
after(() => server.stop());

test("signing up, then reading as nobody, as that person and as Ada", async () => {
  const shown = requests({
    url: server.url,
    anonKey: server.anonKey,
    table: "projects",
    person: { email: "ada@example.com", password: "selvedge-demo" },
    email: "somebody@example.com",
  });
  const script = shown.flatMap(({ title, lines }) => [`# ${title}`, ...lines]).join("\n");
  const { stdout } = await promisify(execFile)("sh", ["-c", script], { timeout: 20_000 });
  const [session, asNobody, asThem, asAda, ...rest] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(session.user.email, "somebody@example.com");
  assert.equal(asNobody.code, "42501");
  assert.deepEqual(asThem, []);
  assert.deepEqual(
    asAda.map(({ name }) => name),
    ["Loom"],
  );
  assert.deepEqual(rest, []);
});

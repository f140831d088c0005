import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { apiKey } from "../../scripts/setup/api-keys.mjs";
import { root } from "../../scripts/setup/project.mjs";
import { Cloudflare } from "./cloudflare.mjs";

const cloudflare = new Cloudflare();
// Whoever runs the tests may be logged in at Cloudflare: not here.
const home = mkdtempSync(join(tmpdir(), "selvedge-home-"));

before(() => cloudflare.listen());
after(() => {
  cloudflare.close();
  rmSync(home, { recursive: true, force: true });
});

const loggedIn = () => ({
  CLOUDFLARE_API_TOKEN: "token",
  CLOUDFLARE_ACCOUNT_ID: "account",
  CLOUDFLARE_API_BASE_URL: `${cloudflare.origin}/client/v4`,
});

function deploy(environment) {
  const { CLOUDFLARE_API_TOKEN, npm_lifecycle_event, ...inherited } = process.env;
  const rust = {
    CARGO_HOME: inherited.CARGO_HOME ?? join(inherited.HOME, ".cargo"),
    RUSTUP_HOME: inherited.RUSTUP_HOME ?? join(inherited.HOME, ".rustup"),
  };
  const child = spawn(process.execPath, ["scripts/deploy.mjs"], {
    cwd: root,
    env: { ...inherited, ...rust, HOME: home, XDG_CONFIG_HOME: home, ...environment },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

test("without a login nothing is done, and the way to log in is shown", async () => {
  const { code, output } = await deploy({});
  assert.equal(code, 1);
  assert.match(output, /Not logged in at Cloudflare.\n {2}npx wrangler login/);
  assert.doesNotMatch(output, / at .*\.mjs:\d+/);
});

test("the first deployment makes the database, its tables and a secret, and shows the keys but not the secret", async () => {
  const { code, output } = await deploy(loggedIn());
  assert.equal(code, 0, output);
  const [[id, { name, sqlite }]] = cloudflare.databases;
  assert.equal(name, "selvedge");
  // And nobody in it: the demo's people are on the machines of those who build.
  assert.equal(sqlite.prepare("SELECT count(*) AS people FROM auth_users").get().people, 0);
  const { bindings } = cloudflare.uploads[0];
  assert.equal(bindings.find(({ name }) => name === "DB").id, id);
  const secret = bindings.find(({ name }) => name === "JWT_SECRET");
  assert.equal(secret.type, "secret_text");
  assert.ok(output.includes(apiKey("anon", secret.text)) && output.includes(apiKey("service_role", secret.text)));
  assert.ok(!output.includes(secret.text));
});

test("the next one changes neither the database nor the secret", async () => {
  const { code, output } = await deploy(loggedIn());
  assert.equal(code, 0, output);
  assert.match(output, /Schema at Cloudflare.*nothing to change/);
  assert.doesNotMatch(output, /service_role/);
  assert.equal(cloudflare.databases.size, 1);
  assert.ok(!cloudflare.uploads[1].bindings.some(({ type }) => type === "secret_text"));
});

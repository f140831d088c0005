import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { apiKey } from "../../scripts/setup/api-keys.mjs";
import { lockedVersion } from "../../scripts/setup/cargo-tools.mjs";
import { projectOf, root } from "../../scripts/setup/project.mjs";
import { countTests } from "../../scripts/terminal/counting.mjs";
import { demoPerson, firstTable, requests } from "../../scripts/terminal/welcome.mjs";
import { diagnostics } from "../../scripts/worker/diagnostics.mjs";

test("a key is a token signed with the secret, the same all through a year, and valid for years", () => {
  const [header, claims, signature] = apiKey("anon", "secret", new Date("2026-11-22T12:00:00Z")).split(".");
  assert.deepEqual(JSON.parse(Buffer.from(header, "base64url")), { alg: "HS256", typ: "JWT" });
  const issued = Date.UTC(2026, 0) / 1000;
  assert.deepEqual(JSON.parse(Buffer.from(claims, "base64url")), {
    iss: "selvedge",
    role: "anon",
    iat: issued,
    exp: Date.UTC(2036, 0) / 1000,
  });
  assert.equal(signature, createHmac("sha256", "secret").update(`${header}.${claims}`).digest("base64url"));
});

test("the keys under another secret are shown without the local one", () => {
  const secret = "another secret of the tests, 32 bytes";
  const shown = execFileSync(process.execPath, ["scripts/keys.mjs"], {
    cwd: root,
    env: { ...process.env, JWT_SECRET: secret },
    encoding: "utf8",
  });
  assert.ok(shown.includes(apiKey("anon", secret)) && shown.includes(apiKey("service_role", secret)), shown);
});

test("other files are built and kept apart from the default ones", () => {
  const standard = projectOf({});
  const other = projectOf({ SELVEDGE_SCHEMA: "/elsewhere/schema.sql", PORT: "8080" });
  assert.match(standard.built, /\/build$/);
  assert.match(standard.state, /\/\.wrangler\/state$/);
  assert.equal(standard.port, 54321);
  assert.notEqual(other.built, standard.built);
  assert.notEqual(other.state, standard.state);
  assert.equal(other.seed, null, "the demo's rows do not fit another schema");
  assert.equal(other.port, 8080);
  assert.throws(() => projectOf({ PORT: "http" }), { message: /not a port number/ });
});

test("the version of wasm-bindgen is the locked one", () => {
  assert.equal(lockedVersion('[[package]]\nname = "wasm-bindgen"\nversion = "0.2.130"\n', "wasm-bindgen"), "0.2.130");
});

test("the seed may name a person to sign in as", () => {
  const seed = "-- The demo.\n-- Sign in as: ada@example.com / a long password\ninsert into t values (1);";
  assert.deepEqual(demoPerson(seed), { email: "ada@example.com", password: "a long password" });
  assert.equal(demoPerson("insert into t values (1);"), null);
});

test("each request needs what the ones before it left in the shell", () => {
  const settings = {
    url: "http://127.0.0.1:1",
    anonKey: "key",
    table: firstTable("create table notes (a)"),
    email: "you@example.com",
  };
  const [signUp, , read, none] = requests({ ...settings, person: null });
  assert.match(signUp.lines.join("\n"), /^ANON=key\nSESSION=\$\(curl .*\/auth\/v1\/signup/);
  assert.match(read.lines.join("\n"), /^TOKEN=.*\n.*\/rest\/v1\/notes\?select=\*.*Bearer \$TOKEN/);
  assert.equal(none, undefined);
  const [, , , asAda] = requests({ ...settings, person: { email: "ada@example.com", password: "pw" } });
  assert.match(asAda.lines[0], /^SESSION=\$\(curl .*grant_type=password/);
});

test("a mistake in the schema is shown in the build script's words alone", () => {
  const output = [
    "   Compiling selvedge v0.1.0 (/home/me/selvedge)",
    "error: failed to run custom build command for `selvedge v0.1.0 (/home/me/selvedge)`",
    "",
    "Caused by:",
    "  process didn't exit successfully: `build-script-build` (exit status: 1)",
    "  --- stdout",
    "  cargo:rerun-if-changed=schema.sql",
    "",
    "  --- stderr",
    "  error: no such column: titel",
    "    --> policies.sql:3:5",
    "warning: build failed, waiting for other jobs to finish...",
    "Error: cargo failed",
  ];
  assert.equal(diagnostics(output.join("\n")), "error: no such column: titel\n  --> policies.sql:3:5");
});

test("a mistake in the crate is shown without the progress around it", () => {
  const output =
    "[INFO]: Compiling to Wasm...\n   Compiling selvedge v0.1.0\nerror[E0308]: mismatched types\n --> src/lib.rs:5:16\nError: Cargo failed\nStack backtrace:\n 0: main";
  assert.equal(diagnostics(output), "error[E0308]: mismatched types\n --> src/lib.rs:5:16");
});

test("tests are counted from their runners' closing lines", () => {
  const output =
    "test result: ok. 12 passed; 0 failed; 0 ignored\ntest result: ok. 3 passed; 1 failed; 0 ignored\nℹ pass 4\nℹ fail 0\n";
  assert.deepEqual(countTests(output), { passed: 19, failed: 1 });
});

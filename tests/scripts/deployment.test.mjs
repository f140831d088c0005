import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { deployedConfiguration, withDatabaseId } from "../../scripts/cloudflare/configuration.mjs";
import { localConfiguration } from "../../scripts/worker/configuration.mjs";
import { gzipKilobytes } from "../../scripts/worker/size.mjs";

const text = readFileSync(new URL("../../wrangler.toml", import.meta.url), "utf8");

test("the local configuration serves what is built, and builds nothing", () => {
  const local = localConfiguration(text, { main: "/somewhere/index.js", migrations: "/elsewhere" });
  assert.match(local, /^main = "\/somewhere\/index.js"$/m);
  assert.match(local, /^migrations_dir = "\/elsewhere"$/m);
  assert.doesNotMatch(local, /\[build\]|^command/m);
  assert.match(local, /^\[vars\]\nENVIRONMENT = "development"$/m);
  assert.doesNotMatch(text, /ENVIRONMENT/);
});

test("the deployed configuration names the database by its id", () => {
  assert.match(withDatabaseId(text, "a-b-c"), /^binding = "DB"\ndatabase_id = "a-b-c"$/m);
});

test("what is deployed is no machine for development", () => {
  const paths = { main: "/somewhere/index.js", migrations: "/elsewhere" };
  const deployed = deployedConfiguration(text, paths, "a-b-c");
  assert.match(deployed, /^main = "\/somewhere\/index.js"$/m);
  assert.match(deployed, /^database_id = "a-b-c"$/m);
  assert.doesNotMatch(deployed, /\[build\]|^command|ENVIRONMENT|development/m);
  const variables = (text) => /^\[vars\]\n([^[]*)/m.exec(text)[1];
  assert.equal(variables(deployed), variables(text));
});

test("wrangler.toml can be deployed by anybody: it names no account and no database id", () => {
  assert.doesNotMatch(text, /account_id|database_id =/);
});

test("the size is read from wrangler's words", () => {
  assert.equal(gzipKilobytes("Total Upload: 145.90 KiB / gzip: 100.00 KiB"), 102.4);
  assert.throws(() => gzipKilobytes("nothing"), { message: /did not tell/ });
});

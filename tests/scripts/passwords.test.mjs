import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { commonPasswords, digest, migration, path } from "../../scripts/passwords.mjs";

test("the migration is what the list makes of it", () => {
  assert.equal(readFileSync(path, "utf8"), migration());
});

test("the list begins as every such list does, and holds nothing that is too short to be chosen", () => {
  const list = commonPasswords();
  assert.equal(new Set(list).size, 3000);
  assert.deepEqual(list.slice(0, 4), ["password", "12345678", "123456789", "baseball"]);
  assert.equal(list.filter((password) => [...password].length < 8).length, 0);
});

test("a password is found by the beginning of its SHA-256", () => {
  assert.equal(digest("password"), "5e884898da280471");
});

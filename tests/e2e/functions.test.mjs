// The functions of D1's SQLite: those that tests/e2e/d1-functions.txt allows can be called, and the others cannot. The
// compiler's own SQLite is held to the same list by tests/d1_functions.rs.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { getPlatformProxy } from "wrangler";

const lines = readFileSync(new URL("d1-functions.txt", import.meta.url), "utf8").trim().split("\n");
const listed = lines.map((line) => /^(?<verdict>allowed|denied) +(?<name>\S+) (?<call>.+)$/.exec(line).groups);

let folder;
let proxy;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "selvedge-functions-"));
  const configPath = join(folder, "wrangler.json");
  const database = { binding: "DB", database_name: "functions", database_id: "functions" };
  const configuration = { name: "functions", compatibility_date: "2026-01-01", d1_databases: [database] };
  writeFileSync(configPath, JSON.stringify(configuration));
  proxy = await getPlatformProxy({ configPath, persist: false });
});
after(async () => {
  await proxy?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test("D1 lets a statement call exactly the functions that the list allows", async () => {
  assert.ok(listed.length > 120, `${listed.length}`);
  const found = [];
  for (const { verdict, name, call } of listed) {
    const error = await proxy.env.DB.prepare(`select ${call}`).all().then(
      () => null,
      ({ message }) => message,
    );
    const denied = /not authorized|no such function/.test(error ?? "");
    if (denied !== (verdict === "denied")) found.push(`${name}: ${error}`);
    else if (!denied && error) found.push(`${name}: ${error}`);
  }
  assert.deepEqual(found, []);
});

test("a function that is not there is told apart", async () => {
  await assert.rejects(proxy.env.DB.prepare("select soundex('a')").all(), /no such function: soundex/);
});

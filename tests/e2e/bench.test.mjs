// The benchmark runs, its Workers answer the same rows, and what a request may cost is what it costs. No times here.

import assert from "node:assert/strict";
import { test } from "node:test";

import { contender } from "../bench/contenders.mjs";
import { once } from "../bench/load.mjs";
import { ROUTES, complete } from "../bench/routes.mjs";
import { counts, throughput } from "../bench/run.mjs";
import * as report from "../bench/report.mjs";

const ROWS = 10_000;
const MEBIBYTE = 1 << 20;

test("every form of every route runs and is reported", async () => {
  const settings = { routes: ROUTES.map(({ name }) => name), rounds: 1, milliseconds: 100, connections: 2, requestsMax: 3 };
  const results = await throughput(settings);
  assert.equal(results.length, 21);
  for (const { lane, perSecond } of results) assert.ok(perSecond > 0, `${lane.route.name} ${lane.title}`);
  assert.match(report.throughput(results), /^list of 20 +selvedge +[\d,]+ +[\d.]+ +[\d.]+ +[\d.]+$/m);
});

test("a request is one round trip, and reads no more rows than it must", async () => {
  const counted = await counts({ routes: ROUTES.map(({ name }) => name) });
  for (const { name, status } of ROUTES) {
    const own = counted.get(`${name} selvedge`);
    const other = counted.get(`${name} hand-written`);
    // The session's guard is within a read, and in front of a write.
    assert.deepEqual([own.roundTrips, own.statements], [1, status === 200 ? 1 : 2], name);
    assert.equal(own.rowsWritten, other.rowsWritten, name);
    // Policies read the user's memberships, once, and look each new or related row up.
    const more = { "20 with embed": 100, "insert 1,000": 4000 }[name] ?? 40;
    assert.ok(own.rowsRead <= other.rowsRead + more, `${name}: ${own.rowsRead} rows, ${other.rowsRead} by hand`);
  }
  assert.equal(counted.get("20 with embed query a row").roundTrips, 21);
});

test("rows never enter Wasm", async (t) => {
  const served = await contender("memory", { variables: { MAX_ROWS: String(ROWS) } });
  t.after(() => served.end());
  const memory = async () => {
    const [bytes] = JSON.parse((await once(served.port, complete({ path: "/memory" }))).body);
    return bytes;
  };
  const read = async (rows) => {
    const path = `/rest/v1/tasks?select=*&limit=${rows}`;
    const { status, body } = await once(served.port, complete({ path }));
    assert.equal(status, 200, body);
    assert.equal(JSON.parse(body).length, rows);
    return body.length;
  };
  await read(1);
  const before = await memory();
  const size = await read(ROWS);
  const after = await memory();
  assert.ok(size > 1.5 * MEBIBYTE, `${size} bytes`);
  assert.ok(after - before < size / 16, `Wasm grew by ${after - before} bytes while ${size} were read`);
  // What does enter shows: so the measure measures.
  const rows = Array.from({ length: 4000 }, () => ({ task_id: 1, author_id: "nobody", body: "x".repeat(200) }));
  await once(served.port, complete({ method: "POST", path: "/rest/v1/comments", body: JSON.stringify(rows) }));
  assert.ok((await memory()) - after > MEBIBYTE / 2, `a body of a mebibyte grew Wasm by ${(await memory()) - after}`);
});

test("Wasm that has broken is made anew for the next request", async (t) => {
  const said = [];
  const served = await contender("broken", { onLine: (line) => said.push(line) });
  t.after(() => served.end());
  const get = (path) => once(served.port, complete({ path }));
  const reads = async () => assert.equal((await get("/rest/v1/tasks?limit=1")).status, 200);
  const instance = async () => JSON.parse((await get("/instance")).body);
  await reads();
  const [first] = await instance();
  await get("/panic");
  await reads();
  const [second, isBroken] = await instance();
  assert.ok(second > first && !isBroken, `${first} ${second}`);
  // A trap is noticed where it comes out.
  assert.equal((await get("/rest/v1/trap")).status, 500);
  assert.deepEqual(await instance(), [second, true]);
  await reads();
  assert.ok((await instance())[0] > second);
  assert.equal(said.filter((line) => line === "Reinitializing Wasm application").length, 2);
});

// How many rows a read answers, and the names of answers, on the real runtime: here JavaScript cuts off and hashes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { clientOf } from "./people.mjs";
import { serve } from "./support.mjs";

const ADA = "11111111-1111-4111-8111-111111111111";

let server;
before(async () => (server = await serve({ variables: { MAX_ROWS: "3" } })));
after(() => server?.stop());

/** Asks for tasks as the owner, with headers on top. */
const get = (query, headers = {}) =>
  fetch(`${server.url}/rest/v1/tasks?${query}`, { headers: { apikey: server.serviceRoleKey, ...headers } });

test("a read that is cut off says so, in every form", async () => {
  const whole = await get("select=id&order=id");
  assert.deepEqual(await whole.json(), [{ id: 1 }, { id: 2 }, { id: 3 }]);
  assert.deepEqual([whole.status, whole.headers.get("content-range")], [200, "0-2/*"]);
  assert.equal(whole.headers.get("selvedge-row-cap"), "3");
  assert.match(whole.headers.get("access-control-expose-headers"), /selvedge-row-cap/);
  const csv = await get("select=id&order=id", { accept: "text/csv", prefer: "count=estimated" });
  assert.equal(await csv.text(), "id\n1\n2\n3");
  assert.deepEqual([csv.status, csv.headers.get("content-range")], [206, "0-2/4"]);
  assert.equal(csv.headers.get("selvedge-count"), "at-least");
  const rest = await get("select=id&order=id", { range: "3-9" });
  assert.deepEqual(await rest.json(), [{ id: 4 }, { id: 5 }]);
  assert.equal(rest.headers.get("selvedge-row-cap"), null);
  const { data, count } = await clientOf(server, server.serviceRoleKey)
    .from("tasks")
    .select("*", { count: "exact", head: true });
  assert.deepEqual([data, count], [null, 5]);
});

test("an answer has a name, by which it is not sent again", async () => {
  const name = async (query, headers) => {
    const answer = await get(query, headers);
    await answer.text();
    return answer.headers.get("etag");
  };
  const first = await name("select=id,title&order=id");
  assert.match(first, /^"[0-9a-f]{16}"$/);
  assert.equal(await name("order=id&select=id,title"), first);
  const again = await get("select=id,title&order=id", { "if-none-match": `"x", W/${first}` });
  assert.deepEqual([again.status, await again.text(), again.headers.get("etag")], [304, "", first]);
  const others = await Promise.all([
    name("select=id,title&order=id", { prefer: "count=exact" }),
    name("select=id,title&order=id", { accept: "text/csv" }),
    name("select=id,title&order=id&limit=3"),
    name("select=id,title&order=id&limit=2"),
    name("select=id,title&order=id.desc"),
    name("select=title,id&order=id"),
    name("select=id&id=eq.0"),
    name("select=id&id=eq.0", { prefer: "count=exact" }),
  ]);
  assert.equal(new Set([first, ...others]).size, others.length + 1, others.join());
});

test("a long answer has no name", async () => {
  const rows = Array.from({ length: 3 }, (_, index) => ({ task_id: 1, author_id: ADA, body: `Long ${index} ${"é".repeat(30_000)}` }));
  await clientOf(server, server.serviceRoleKey).from("comments").insert(rows).throwOnError();
  const long = (parameters, headers = {}) =>
    fetch(`${server.url}/rest/v1/comments?select=body&body=like.Long*${parameters}`, {
      headers: { apikey: server.serviceRoleKey, ...headers },
    });
  assert.match((await long("&limit=2")).headers.get("etag"), /^"[0-9a-f]{16}"$/);
  const all = await long("");
  assert.deepEqual([all.status, (await all.json()).length, all.headers.get("etag")], [200, 3, null]);
  assert.equal((await long("", { "if-none-match": "*" })).status, 304);
});

test("nulls are left out by the runtime as they are natively", async () => {
  const settings = [
    {},
    { a: null },
    { a: 1, b: null },
    { a: null, b: 1 },
    { a: [null, { b: null, c: null }, []], d: { e: null } },
    { ':null': null, 'a"b': null, "\\": null, 'x":null,': 'y":null,"z":null' },
    { a: ":null", b: "\\", c: '\\"', d: null },
  ];
  const strip = (value) => {
    if (Array.isArray(value)) return value.map(strip);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== null)
        .map(([name, member]) => [name, strip(member)]),
    );
  };
  const client = clientOf(server, server.serviceRoleKey);
  for (const value of settings) {
    const row = client.from("projects").update({ settings: value }).eq("id", 1).select("settings").single();
    const { data, error } = await row.stripNulls();
    assert.equal(error, null);
    assert.deepEqual(data, { settings: strip(value) });
  }
});

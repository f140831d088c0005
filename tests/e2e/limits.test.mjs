// Limits, to the byte, and what is beyond them: refused in the dialect's words, and never written.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { LAST_CHUNK, chunk, exchange, head, json, problem } from "./raw.mjs";
import { serve } from "./support.mjs";

const BODY_BYTES_MAX = 1 << 20;
const URL_BYTES_MAX = 16 << 10;
const HEADER_BYTES_MAX = 16 << 10;

/** Of the demo's rows. */
const ADA = "11111111-1111-4111-8111-111111111111";

let server;
before(async () => (server = await serve()));
after(() => server?.stop());

const send = (request, ...headers) => exchange(server.url, head(request, ...headers));
const asOwner = () => `apikey: ${server.serviceRoleKey}`;

const stream = (...chunks) => {
  const headers = ["Transfer-Encoding: chunked", "Content-Type: application/json", asOwner()];
  return exchange(server.url, head("POST /rest/v1/labels", ...headers), ...chunks.map(chunk), LAST_CHUNK);
};
/** A row of exactly so many bytes. */
const row = (bytes, name) => Buffer.from(JSON.stringify({ project_id: 1, name }).padEnd(bytes, " "));
const half = (bytes) => [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)];

test("a body is counted while it is read, whatever its length is said to be", async () => {
  const beyond = [413, "request_entity_too_large"];
  assert.equal((await stream(...half(row(BODY_BYTES_MAX, "just fits")))).status, 201);
  assert.deepEqual(problem(await stream(...half(row(BODY_BYTES_MAX + 1, "does not")))), beyond);
  assert.deepEqual(problem(await stream(...Array(8).fill(row(BODY_BYTES_MAX, "nor this")))), beyond);
  // Who goes on and on is not listened to, and so may not hear the answer: the server in front of the Worker may
  // notice the broken pipe first. What it says then has no header of the Worker's.
  const endless = await stream(...Array(40).fill(row(BODY_BYTES_MAX, "nor this")));
  const unheard = endless.status === null || !endless.headers.has("x-request-id");
  assert.ok(unheard || endless.status === 413, `${endless.status} ${endless.body}`);
  const large = row(BODY_BYTES_MAX + 1, "x");
  const told = await exchange(server.url, head("POST /auth/v1/signup", ...json(large)), large);
  assert.deepEqual(problem(told), beyond);
  const names = await send(
    "GET /rest/v1/labels?select=name&name=in.(%22just%20fits%22,%22does%20not%22,%22nor%20this%22)",
    asOwner(),
  );
  assert.deepEqual(JSON.parse(names.body), [{ name: "just fits" }]);
});

test("a URL, to the byte", async () => {
  const url = (bytes) => `/rest/v1/labels?select=id&name=eq.`.padEnd(bytes, "x");
  assert.equal((await send(`GET ${url(URL_BYTES_MAX)}`, asOwner())).status, 200);
  assert.deepEqual(problem(await send(`GET ${url(URL_BYTES_MAX + 1)}`, asOwner())), [414, "uri_too_long"]);
  assert.deepEqual(problem(await send(`GET ${url(40_000)}`, asOwner())), [414, "uri_too_long"]);
});

test("headers, one and all together", async () => {
  const header = (name, bytes) => `${name}: ${"x".repeat(bytes)}`;
  assert.equal((await send("GET /rest/v1/labels", asOwner(), header("X-A", HEADER_BYTES_MAX))).status, 200);
  const tooLarge = [431, "header_fields_too_large"];
  assert.deepEqual(
    problem(await send("GET /rest/v1/labels", asOwner(), header("X-A", HEADER_BYTES_MAX + 1))),
    tooLarge,
  );
  assert.deepEqual(
    problem(await send("GET /rest/v1/labels", asOwner(), ...["X-A", "X-B", "X-C"].map((name) => header(name, 12_000)))),
    tooLarge,
  );
});

test("the depth of JSON", async () => {
  const nested = (depth) =>
    Buffer.from(`{"name": "deep", "owner_id": "${ADA}", "settings": ${"[".repeat(depth)}${"]".repeat(depth)}}`);
  const post = (body) => exchange(server.url, head("POST /rest/v1/projects", asOwner(), ...json(body)), body);
  assert.equal((await post(nested(60))).status, 201);
  assert.equal((await post(nested(65))).status, 400);
  assert.equal((await post(nested(100_000))).status, 400);
});

test("a request that multiplies rows beyond all memory is refused, and nobody else is", async () => {
  const rows = JSON.stringify(
    Array.from({ length: 2000 }, (_, number) => ({ project_id: 2, title: `many ${number}` })),
  );
  const stored = await exchange(server.url, head("POST /rest/v1/tasks", asOwner(), ...json(rows)), rows);
  assert.equal(stored.status, 201);
  const many = "tasks(id,projects(id,tasks(id,projects(id,tasks(id)))))";
  const [refused, ...beside] = await Promise.all([
    send(`GET /rest/v1/projects?select=id,${many}`, asOwner()),
    ...Array.from({ length: 10 }, () => send("GET /rest/v1/projects?select=id&id=eq.1", asOwner())),
  ]);
  assert.deepEqual(problem(refused), [400, "54000"]);
  assert.match(JSON.parse(refused.body).hint, /^limit them, for instance by tasks\.limit=/);
  for (const answer of beside) assert.equal(`${answer.status} ${answer.body}`, '200 [{"id":1}]');
  // Within the limits of each list it is the bytes that are counted, of a row and of the whole answer.
  const limits = ["tasks", "tasks.projects.tasks", "tasks.projects.tasks.projects.tasks"];
  const few = limits.map((path) => `&${path}.limit=1000`).join("");
  assert.deepEqual(problem(await send(`GET /rest/v1/projects?select=id,${many}${few}`, asOwner())), [400, "54000"]);
  const wide = await send("GET /rest/v1/tasks?select=id,projects(tasks(id,title))&projects.tasks.limit=1000", asOwner());
  assert.deepEqual(problem(wide), [400, "54000"]);
  assert.equal((await send("DELETE /rest/v1/tasks?title=like.many*", asOwner())).status, 204);
});

// The Worker's log: one line of JSON for each request, with what it cost and without anything that was sent.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { PASSWORD, ok, signIn, signUp } from "./people.mjs";
import { exchange, hangUp, head, json, problem } from "./raw.mjs";
import { serve } from "./support.mjs";

/** Of the demo's rows; she owns project 1. */
const ADA = { id: "11111111-1111-4111-8111-111111111111", email: "ada@example.com", password: "selvedge-demo" };

let server;
before(async () => (server = await serve()));
after(() => server?.stop());

const send = (request, ...headers) => exchange(server.url, head(request, ...headers));
const asOwner = () => `apikey: ${server.serviceRoleKey}`;

/** The Worker's own line about a request; it may come a moment after the answer. */
async function lineOf(requestId, from = server) {
  for (let tries = 0; tries < 100; tries++) {
    const lines = from.logs().filter((line) => line.includes(requestId));
    if (lines.length > 0) {
      assert.equal(lines.length, 1, "one line for each request");
      return JSON.parse(lines[0]);
    }
    await delay(20);
  }
  return assert.fail(`the log has no line about ${requestId}`);
}

/** What a request has asked of the database, as its line in the log says. */
async function cost(path, { token, method = "GET", body, headers = {} } = {}) {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      apikey: server.anonKey,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    body: body && JSON.stringify(body),
  });
  await response.arrayBuffer();
  const line = await lineOf(response.headers.get("x-request-id"));
  return `${response.status} ${line.round_trips}/${line.statements}`;
}

test("it shows one round trip for every hot route", async () => {
  const { session, id } = await signUp(server, "ann");
  const token = session.access_token;
  const post = (body, more) => ({ method: "POST", body, ...more });
  const headers = { prefer: "return=representation" };
  const routes = [
    ["200 1/1", "/rest/v1/projects?select=*,tasks(*,comments(*),labels(*)),members(*)", { token }],
    ["200 1/2", "/rest/v1/tasks?select=*", { token, headers: { prefer: "count=exact" } }],
    ["201 1/2", "/rest/v1/projects", post({ name: "P", owner_id: id }, { token, headers })],
    // In development it is counted, too, how many rows were meant.
    ["200 1/3", `/rest/v1/projects?owner_id=eq.${id}`, { token, method: "PATCH", body: { name: "Q" }, headers }],
    ["204 1/3", `/rest/v1/projects?owner_id=eq.${id}`, { token, method: "DELETE" }],
    ["200 1/1", "/rest/v1/projects", { token: server.serviceRoleKey }],
    ["401 0/0", "/rest/v1/projects"],
    ["200 1/2", "/auth/v1/user", { token }],
    ["200 1/4", "/auth/v1/token?grant_type=refresh_token", post({ refresh_token: session.refresh_token })],
    ["200 2/6", "/auth/v1/signup", post({ email: `cost-${id}@example.com`, password: PASSWORD })],
    // The password is compared between the two.
    ["200 2/11", "/auth/v1/token?grant_type=password", post({ email: ADA.email, password: ADA.password })],
    ["400 1/4", "/auth/v1/token?grant_type=password", post({ email: ADA.email, password: "wrong" })],
    // The guard, the sessions, the codes that wait to become one, and the audit row.
    ["204 1/4", "/auth/v1/logout", { token, method: "POST" }],
    ["403 1/2", "/auth/v1/user", { token }],
    ["200 0/0", "/auth/v1/health"],
  ];
  const costs = [];
  for (const [, path, options] of routes) costs.push([await cost(path, options), path]);
  assert.deepEqual(
    costs,
    routes.map(([expected, path]) => [expected, path]),
  );
});

test("it names route and user, and nothing that was sent", async () => {
  const { session, id } = await signUp(server, "ann");
  const response = await fetch(`${server.url}/rest/v1/projects?name=eq.needle`, {
    headers: { authorization: `Bearer ${session.access_token}`, "user-agent": "needle" },
  });
  const line = await lineOf(response.headers.get("x-request-id"));
  assert.deepEqual(Object.keys(line), [
    "time",
    "level",
    "request_id",
    "method",
    "route",
    "status",
    "role",
    "user_id",
    "duration_ms",
    "round_trips",
    "statements",
    "rows_read",
    "rows_written",
  ]);
  assert.deepEqual(
    [line.method, line.route, line.status, line.role, line.user_id],
    ["GET", "/rest/v1/{table}", 200, "authenticated", id],
  );
  assert.doesNotMatch(JSON.stringify(line), /needle/);
  const escape = await send("GET /rest/v1/projects", asOwner(), "User-Agent: \x1b[31m");
  assert.deepEqual(problem(escape), [400, "bad_encoding"]);
  assert.equal((await lineOf(escape.headers.get("x-request-id"))).code, "bad_encoding");
});

test("two hundred requests at once are all answered, and each has its line", async (t) => {
  const { session } = await signIn(server, ADA, ADA.password);
  const ids = [];
  const call = async (path, method = "GET", body) => {
    const headers = {
      authorization: `Bearer ${session.access_token}`,
      ...(body && { "content-type": "application/json" }),
    };
    const response = await fetch(server.url + path, { method, headers, body: body && JSON.stringify(body) });
    ids.push(response.headers.get("x-request-id"));
    return `${method} ${response.status} ${response.ok ? "" : await response.text()}`.trim();
  };
  const kinds = [
    () => call("/rest/v1/projects?select=*,tasks(*,comments(*))"),
    (number) => call("/rest/v1/labels", "POST", { project_id: 1, name: `burst ${number}` }),
    (number) => call("/rest/v1/tasks?id=eq.2", "PATCH", { priority: 1 + (number % 5) }),
    () => call("/auth/v1/user"),
  ];
  const started = performance.now();
  const answers = await Promise.all(Array.from({ length: 200 }, (_, number) => kinds[number % kinds.length](number)));
  t.diagnostic(`${Math.round(performance.now() - started)} ms`);
  const counts = Object.groupBy(answers, (answer) => answer);
  assert.deepEqual(Object.fromEntries(Object.entries(counts).map(([answer, { length }]) => [answer, length])), {
    "GET 200": 100,
    "POST 201": 50,
    "PATCH 204": 50,
  });
  const stored = JSON.parse((await send("GET /rest/v1/labels?select=name&name=like.burst*", asOwner())).body);
  assert.equal(stored.length, 50);
  for (const id of ids) await lineOf(id);
});

test("who hangs up leaves nothing behind: what was sent whole is done and has its line", async (t) => {
  const before = server.logs().length;
  const times = 20;
  for (let time = 0; time < times; time++) {
    const row = JSON.stringify({ project_id: 1, name: `hung up ${time}` });
    await hangUp(server.url, head("POST /rest/v1/labels", asOwner(), ...json(row)), row);
  }
  const heard = () => {
    const lines = server
      .logs()
      .slice(before)
      .filter((line) => line.includes('"method":"POST"'));
    return lines.map((line) => JSON.parse(line).status);
  };
  const stored = async () => {
    const labels = await send("GET /rest/v1/labels?select=name&name=like.hung*", asOwner());
    return JSON.parse(labels.body).length;
  };
  for (let tries = 0; tries < 20 && heard().length < times; tries++) await delay(50);
  const rows = await stored();
  // What did not arrive whole was refused, or never heard of.
  t.diagnostic(`${rows} of ${times} requests had arrived whole`);
  assert.deepEqual(new Set(heard().filter((status) => status !== 400)), new Set([201]));
  assert.equal(rows, heard().filter((status) => status === 201).length);
});

test("secrets never get into it, whatever is done with them", async () => {
  const canary = "canary-in-the-coal-mine";
  const { client, session, email } = await signUp(server, "ann", canary);
  const fresh = ok(await client.auth.refreshSession()).session;
  await client.auth.signInWithPassword({ email, password: `${canary}-wrong` });
  await client.from("projects").select().eq("name", canary);
  await client.from("projects").insert({ name: canary, owner_id: "not a uuid" });
  await client.from("projects").insert({ name: canary, owner_id: ADA.id });
  await client.from(canary).select(`${canary}`);
  await send(`GET /auth/v1/user?apikey=${canary}`, `Authorization: Bearer ${canary}`);
  await send("GET /rest/v1/projects", `apikey: ${canary}`, `Cookie: session=${canary}`, `X-Client-Info: ${canary}`);
  for (const body of [
    `{"email":"${canary}@example.com","password":"${canary}"`,
    `{"email":"${canary}","password":["${canary}"]}`,
    `{"refresh_token":"${canary}"}`,
  ]) {
    await exchange(
      server.url,
      head(`POST /auth/v1/token?grant_type=${body.includes("refresh") ? "refresh_token" : "password"}`, ...json(body)),
      body,
    );
  }
  await hangUp(
    server.url,
    head("POST /auth/v1/signup", "Content-Type: application/json", "Content-Length: 1000"),
    `{"email":"a@example.com","password":"${canary}`,
  );
  await client.auth.signOut();
  await delay(300);
  // wrangler's own lines name the path of every request; the Worker's name its pattern.
  const lines = server.logs().filter((line) => !line.startsWith("[wrangler:info]"));
  const requests = lines.filter((line) => line.startsWith('{"time":')).length;
  assert.ok(requests > 200, `the log has only ${requests} requests`);
  const secrets = [
    canary,
    PASSWORD,
    server.secret,
    server.serviceRoleKey,
    session.access_token,
    session.refresh_token,
    fresh.access_token,
    fresh.refresh_token,
    "eyJ",
    "argon2id",
  ];
  for (const secret of secrets) assert.ok(!lines.some((line) => line.includes(secret)), `the log holds ${secret}`);
});

test("an unsafe secret stops every route, and the log says why without it", async () => {
  const secret = "canary-too-short";
  const unsafe = await serve({ variables: { JWT_SECRET: secret } });
  try {
    const json = { "Content-Type": "application/json" };
    for (const [path, options] of [
      ["/auth/v1/health"],
      ["/auth/v1/signup", { method: "POST", headers: json, body: "{}" }],
      ["/auth/v1/user"],
      ["/rest/v1/projects"],
      ["/rest/v1/projects", { method: "OPTIONS" }],
      ["/rest/v1/nothing/at/all"],
      ["/"],
      ["/assets/style.css"],
      ["/nothing"],
    ]) {
      const response = await fetch(unsafe.url + path, options);
      const body = await response.text();
      const id = response.headers.get("x-request-id");
      assert.equal(response.status, 500, path);
      assert.equal(response.headers.get("x-frame-options"), "DENY");
      assert.ok(body.includes(id) && body.includes("the server is not set up"), body);
      if (/^\/(rest|auth)\//.test(path)) assert.equal(JSON.parse(body).code, "misconfigured");
      const line = await lineOf(id, unsafe);
      assert.deepEqual(
        [line.level, line.status, line.code, line.cause],
        ["error", 500, "misconfigured", "JWT_SECRET is shorter than 32 bytes"],
      );
      assert.ok(!body.includes(secret));
    }
    assert.deepEqual(
      unsafe.logs().filter((line) => line.includes(secret)),
      [],
    );
  } finally {
    await unsafe.stop();
  }
});

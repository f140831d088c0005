// What only the wire shows: the headers of every kind of answer, limits, what no proper client sends, the log.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { PASSWORD, ok, signUp } from "./people.mjs";
import { LAST_CHUNK, chunk, exchange, hangUp, head } from "./raw.mjs";
import { serve } from "./support.mjs";

const BODY_BYTES_MAX = 1 << 20;
const URL_BYTES_MAX = 16 << 10;
const HEADER_BYTES_MAX = 16 << 10;

/** Ada of the demo's rows, who owns project 1. */
const ADA = { id: "11111111-1111-4111-8111-111111111111", email: "ada@example.com", password: "selvedge-demo" };

let server;
let asset;
before(async () => {
  server = await serve();
  asset = (await exchange(server.url, head("GET /"))).body.match(/"(\/assets\/style-[^"]+)"/)[1];
});
after(() => server?.stop());

const send = (request, ...headers) => exchange(server.url, head(request, ...headers));
const asOwner = () => `apikey: ${server.serviceRoleKey}`;
const asNobody = () => `apikey: ${server.anonKey}`;
const problem = ({ status, body }) => [status, JSON.parse(body).code];

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

const EVERYWHERE = {
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "permissions-policy":
    "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(), cross-origin-isolated=(), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), interest-cohort=(), keyboard-map=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), sync-xhr=(), unload=(), usb=(), web-share=(), xr-spatial-tracking=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-frame-options": "DENY",
  "x-permitted-cross-domain-policies": "none",
};
const INERT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
const HTML = {
  ...EVERYWHERE,
  "cache-control": "no-store, max-age=0",
  "content-security-policy":
    "default-src 'none'; object-src 'none'; base-uri 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "content-type": "text/html; charset=utf-8",
};
const ASSET = {
  ...EVERYWHERE,
  "cache-control": "public, max-age=31536000, immutable",
  "content-security-policy": INERT,
  "content-type": "text/css; charset=utf-8",
};
const API = {
  ...EVERYWHERE,
  "access-control-allow-origin": "*",
  "access-control-expose-headers":
    "content-location, content-profile, content-range, content-type, etag, link, location, preference-applied, proxy-status, range-unit, retry-after, x-request-id, x-sb-error-code, x-supabase-api-version, x-total-count",
  "cache-control": "no-store, max-age=0",
  "content-security-policy": INERT,
  vary: "Accept, Accept-Profile, apikey, Authorization, Prefer, Range",
};
const JSON_API = { ...API, "content-type": "application/json; charset=utf-8" };

/** How the bytes travel, which is not ours to say. */
const FRAMING = ["connection", "content-length", "date", "transfer-encoding"];

/** Asserts that an answer has exactly these headers, and an id of its own. */
function carries(answer, status, expected) {
  const found = Object.fromEntries([...answer.headers].filter(([name]) => !FRAMING.includes(name)));
  assert.match(found["x-request-id"], /^[0-9a-f]{32}$/);
  delete found["x-request-id"];
  assert.deepEqual({ status: answer.status, ...found }, { status, ...expected });
}

describe("every answer carries exactly the headers of its kind", () => {
  const TABLE_ALLOW = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";

  test("pages", async () => {
    carries(await send("GET /"), 200, HTML);
    carries(await send("HEAD /"), 200, HTML);
    carries(await send("GET /nothing"), 404, HTML);
    carries(await send("POST /", "Content-Length: 0"), 405, { ...HTML, allow: "GET, HEAD, OPTIONS" });
    carries(await send("TRACE /"), 405, { ...HTML, allow: "GET, HEAD, OPTIONS" });
    carries(await send(`GET /${"a".repeat(URL_BYTES_MAX)}`), 414, HTML);
  });

  test("assets, new and known", async () => {
    const first = await send(`GET ${asset}`);
    const etag = first.headers.get("etag");
    carries(first, 200, { ...ASSET, etag });
    const known = await send(`GET ${asset}`, `If-None-Match: W/"x", ${etag}`);
    carries(known, 304, { ...ASSET, etag });
    assert.equal(known.body, "");
    carries(await send(`GET ${asset.replace("style-", "style-0")}`), 404, HTML);
    const svg = await send(`GET ${asset}`.replace(/style-[^.]+\.css/, (await send("GET /")).body.match(/mark-\w+\.svg/)[0]));
    assert.deepEqual([svg.status, svg.headers.get("content-type"), svg.headers.get("content-security-policy")], [200, "image/svg+xml", INERT]);
  });

  test("rows and their refusals", async () => {
    carries(await send("GET /rest/v1/projects?select=name", asOwner()), 200, { ...JSON_API, "content-range": "0-1/*" });
    const refused = { ...JSON_API, "proxy-status": "Selvedge; error=42501", "www-authenticate": "Bearer" };
    carries(await send("GET /rest/v1/projects", asNobody()), 401, refused);
    carries(await send("HEAD /rest/v1/projects", asNobody()), 401, refused);
    carries(await send("GET /rest/v1/a/b"), 404, { ...JSON_API, "proxy-status": "Selvedge; error=PGRST125" });
    const method = { ...JSON_API, allow: TABLE_ALLOW, "proxy-status": "Selvedge; error=PGRST117" };
    carries(await send("PUT /rest/v1/projects", "Content-Length: 0"), 405, method);
    carries(await send("TRACE /rest/v1/projects"), 405, method);
  });

  test("accounts and their refusals", async () => {
    carries(await send("GET /auth/v1/health"), 200, JSON_API);
    carries(await send("GET /auth/v1/user", "X-Supabase-Api-Version: 2024-01-01"), 401, {
      ...JSON_API,
      "www-authenticate": "Bearer",
      "x-sb-error-code": "no_authorization",
      "x-supabase-api-version": "2024-01-01",
    });
    carries(await send("GET /auth/v1/nothing"), 404, { ...JSON_API, "x-sb-error-code": "not_found" });
    carries(await send("GET /auth/v1/token"), 405, { ...JSON_API, allow: "POST, OPTIONS", "x-sb-error-code": "method_not_allowed" });
  });

  test("preflights, the same for every origin", async () => {
    const asked = ["Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-evil"];
    const expected = {
      ...API,
      allow: TABLE_ALLOW,
      "access-control-allow-headers":
        "accept, accept-profile, apikey, authorization, baggage, content-profile, content-type, if-none-match, prefer, range, range-unit, traceparent, tracestate, x-client-info, x-retry-count, x-supabase-api-version",
      "access-control-allow-methods": TABLE_ALLOW,
      "access-control-max-age": "7200",
    };
    carries(await send("OPTIONS /rest/v1/tasks", "Origin: https://evil.example", ...asked), 200, expected);
    carries(await send("OPTIONS /rest/v1/tasks", "Origin: null", ...asked), 200, expected);
    const { "content-type": _, ...page } = HTML;
    const options = await send("OPTIONS /", "Origin: https://evil.example", ...asked);
    assert.deepEqual([options.status, options.headers.get("allow"), options.headers.get("access-control-allow-origin")], [200, "GET, HEAD, OPTIONS", undefined]);
    assert.equal(options.headers.get("x-frame-options"), page["x-frame-options"]);
  });
});

describe("limits", () => {
  const stream = (...chunks) => {
    const headers = ["Transfer-Encoding: chunked", "Content-Type: application/json", asOwner()];
    return exchange(server.url, head("POST /rest/v1/labels", ...headers), ...chunks.map(chunk), LAST_CHUNK);
  };
  /** A row of exactly so many bytes. */
  const row = (bytes, name) => Buffer.from(JSON.stringify({ project_id: 1, name }).padEnd(bytes, " "));
  const half = (bytes) => [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)];

  test("a body is counted while it is read, whatever its length is said to be", async () => {
    assert.equal((await stream(...half(row(BODY_BYTES_MAX, "just fits")))).status, 201);
    assert.deepEqual(problem(await stream(...half(row(BODY_BYTES_MAX + 1, "does not")))), [413, "request_entity_too_large"]);
    assert.deepEqual(problem(await stream(...Array(24).fill(row(BODY_BYTES_MAX, "nor this")))), [413, "request_entity_too_large"]);
    const told = await exchange(server.url, head("POST /auth/v1/signup", `Content-Length: ${BODY_BYTES_MAX + 1}`, "Content-Type: application/json"), row(BODY_BYTES_MAX + 1, "x"));
    assert.deepEqual(problem(told), [413, "request_entity_too_large"]);
    const names = await send("GET /rest/v1/labels?select=name&name=in.(%22just%20fits%22,%22does%20not%22,%22nor%20this%22)", asOwner());
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
    assert.deepEqual(problem(await send("GET /rest/v1/labels", asOwner(), header("X-A", HEADER_BYTES_MAX + 1))), tooLarge);
    assert.deepEqual(problem(await send("GET /rest/v1/labels", asOwner(), ...["X-A", "X-B", "X-C"].map((name) => header(name, 12_000)))), tooLarge);
  });

  test("the depth of JSON", async () => {
    const nested = (depth) => Buffer.from(`{"name": "deep", "owner_id": "${ADA.id}", "settings": ${"[".repeat(depth)}${"]".repeat(depth)}}`);
    const post = (body) => exchange(server.url, head("POST /rest/v1/projects", asOwner(), "Content-Type: application/json", `Content-Length: ${body.length}`), body);
    assert.equal((await post(nested(60))).status, 201);
    assert.equal((await post(nested(65))).status, 400);
    assert.equal((await post(nested(100_000))).status, 400);
  });
});

test("a request that multiplies rows beyond all memory is refused, and hurts nobody else", async () => {
  const rows = JSON.stringify(Array.from({ length: 2000 }, (_, number) => ({ project_id: 2, title: `many ${number}` })));
  const stored = await exchange(server.url, head("POST /rest/v1/tasks", asOwner(), "Content-Type: application/json", `Content-Length: ${rows.length}`), rows);
  assert.equal(stored.status, 201);
  const [refused, beside] = await Promise.all([
    send("GET /rest/v1/projects?select=id,tasks(id,projects(id,tasks(id,projects(id,tasks(id)))))", asOwner()),
    send("GET /rest/v1/projects?select=id&id=lt.3&order=id", asOwner()),
  ]);
  assert.deepEqual(problem(refused), [400, "54001"]);
  assert.deepEqual([beside.status, beside.body], [200, '[{"id":1},{"id":2}]']);
  assert.equal((await send("DELETE /rest/v1/tasks?title=like.many*", asOwner())).status, 204);
});

describe("what no proper client sends", () => {
  test("bytes in a URL that are no text", async () => {
    for (const target of ["/rest/v1/%00", "/rest/v1/%ff", "/rest/v1/%c0%80", "/rest/v1/%ed%a0%80", "/rest/v1/%zz", "/rest/v1/%", "/rest/v1/tasks?title=eq.%00", "/rest/v1/tasks?title=eq.%ff", "/rest/v1/tasks?%zz=1"]) {
      assert.deepEqual(problem(await send(`GET ${target}`, asOwner())), [400, "bad_encoding"], target);
    }
    // The platform itself refuses these.
    for (const target of ["/rest/v1/\xff", "/rest/v1/\x00", "/rest/v1/tasks?a=\x00"]) {
      assert.equal((await send(`GET ${target}`, asOwner())).status, 400, target);
    }
    for (const target of ["/rest/v1/t%C3%A4sks", "/rest/v1/t\xc3\xa4sks"]) {
      const answer = await send(`GET ${target}`, asOwner());
      assert.deepEqual(problem(answer), [404, "PGRST205"], target);
      assert.match(JSON.parse(answer.body).message, /'public\.täsks'/);
    }
  });

  test("bytes in a header or a body that are no text", async () => {
    assert.deepEqual(problem(await send("GET /rest/v1/tasks", "apikey: \xff\xfe")), [401, "PGRST301"]);
    assert.deepEqual(problem(await send("GET /rest/v1/tasks", "Authorization: Bearer a", "Authorization: Bearer b")), [401, "PGRST301"]);
    for (const [path, body, code] of [
      ["/rest/v1/labels", Buffer.from('{"project_id":1,"name":"a\\u0000b"}'), "PGRST102"],
      ["/rest/v1/labels", Buffer.from('{"project_id":1,"name":"a\\ud800b"}'), "PGRST102"],
      ["/rest/v1/labels", Buffer.from([0x22, 0xff, 0x22]), "PGRST102"],
      ["/auth/v1/signup", Buffer.from('{"email":"a\\u0000@example.com","password":"12345678"}'), "bad_json"],
      ["/auth/v1/signup", Buffer.from([0x7b, 0xff, 0x7d]), "bad_json"],
    ]) {
      const answer = await exchange(server.url, head(`POST ${path}`, asOwner(), "Content-Type: application/json", `Content-Length: ${body.length}`), body);
      assert.deepEqual(problem(answer), [400, code], `${path} ${body}`);
    }
    const form = await exchange(server.url, head("POST /auth/v1/signup", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 3"), "a=b");
    assert.deepEqual(problem(form), [415, "unsupported_media_type"]);
  });

  test("a body that breaks off, though what came of it could be read", async () => {
    const headers = ["Transfer-Encoding: chunked", "Content-Type: application/json", asOwner()];
    for (let time = 0; time < 10; time++) {
      await hangUp(server.url, head("POST /rest/v1/labels", ...headers), chunk(Buffer.from(`{"project_id":1,"name":"broken off ${time}"}`)));
    }
    await delay(300);
    const stored = await send("GET /rest/v1/labels?select=name&name=like.broken*", asOwner());
    assert.deepEqual([stored.status, stored.body], [200, "[]"]);
  });

  test("a host that is not ours changes nothing", async () => {
    const plain = await send("GET /");
    for (const lie of [["GET http://evil.example/"], ["GET /", "X-Forwarded-Host: evil.example", "X-Original-URL: /auth/v1/health"]]) {
      assert.equal((await send(...lie)).body, plain.body);
    }
  });
});

test("HEAD answers as GET does, without the body", async () => {
  const headers = [asOwner(), "Prefer: count=exact"];
  const [get, alone] = [await send("GET /rest/v1/projects?select=name", ...headers), await send("HEAD /rest/v1/projects?select=name", ...headers)];
  const kept = ({ status, headers }) => [status, ...[...headers].filter(([name]) => ![...FRAMING, "x-request-id"].includes(name)).sort()];
  assert.deepEqual(kept(alone), kept(get));
  assert.match(get.headers.get("content-range"), /^0-\d+\/\d+$/);
  assert.equal(alone.body, "");
});

test("digits are kept, in and out", async () => {
  const body = `{"id": 9007199254740993, "project_id": 1, "title": "Count the threads", "estimate": 0.1}`;
  const answer = await exchange(server.url, head("POST /rest/v1/tasks?select=id,estimate", asOwner(), "Prefer: return=representation", "Content-Type: application/json", `Content-Length: ${body.length}`), body);
  assert.deepEqual([answer.status, answer.body], [201, '[{"id":9007199254740993,"estimate":0.1}]']);
  const read = await send("GET /rest/v1/tasks?select=id&id=eq.9007199254740993", asOwner());
  assert.equal(read.body, '[{"id":9007199254740993}]');
});

describe("the log", () => {
  /** What a request has asked of the database, as its line in the log says. */
  async function cost(path, { token, method = "GET", body, headers = {} } = {}) {
    const response = await fetch(server.url + path, {
      method,
      headers: { apikey: server.anonKey, ...(token && { authorization: `Bearer ${token}` }), ...(body && { "content-type": "application/json" }), ...headers },
      body: body && JSON.stringify(body),
    });
    await response.arrayBuffer();
    const line = await lineOf(response.headers.get("x-request-id"));
    return `${response.status} ${line.round_trips}/${line.statements}`;
  }

  test("shows one round trip for every hot route", async () => {
    const { session, id } = await signUp(server, "ann");
    const token = session.access_token;
    const representation = { prefer: "return=representation" };
    assert.equal(await cost("/rest/v1/projects?select=*,tasks(*,comments(*),labels(*)),members(*)", { token }), "200 1/2");
    assert.equal(await cost("/rest/v1/tasks?select=*", { token, headers: { prefer: "count=exact" } }), "200 1/3");
    assert.equal(await cost("/rest/v1/projects", { token, method: "POST", body: { name: "P", owner_id: id }, headers: representation }), "201 1/2");
    assert.equal(await cost(`/rest/v1/projects?owner_id=eq.${id}`, { token, method: "PATCH", body: { name: "Q" }, headers: representation }), "200 1/2");
    assert.equal(await cost(`/rest/v1/projects?owner_id=eq.${id}`, { token, method: "DELETE" }), "204 1/2");
    assert.equal(await cost("/rest/v1/projects", { token: server.serviceRoleKey }), "200 1/1");
    assert.equal(await cost("/rest/v1/projects"), "401 0/0");
    assert.equal(await cost("/auth/v1/user", { token }), "200 1/2");
    assert.equal(await cost("/auth/v1/token?grant_type=refresh_token", { method: "POST", body: { refresh_token: session.refresh_token } }), "200 1/3");
    assert.equal(await cost("/auth/v1/signup", { method: "POST", body: { email: `cost-${id}@example.com`, password: PASSWORD } }), "200 1/2");
    assert.equal(await cost("/auth/v1/logout", { token, method: "POST" }), "204 1/2");
    assert.equal(await cost("/auth/v1/user", { token }), "403 1/2");
    assert.equal(await cost("/auth/v1/health"), "200 0/0");
  });

  test("names route and user, and nothing that was sent", async () => {
    const { session, id } = await signUp(server, "ann");
    const response = await fetch(`${server.url}/rest/v1/projects?name=eq.needle`, { headers: { authorization: `Bearer ${session.access_token}`, "user-agent": "needle" } });
    const line = await lineOf(response.headers.get("x-request-id"));
    assert.deepEqual(Object.keys(line), ["time", "level", "request_id", "method", "route", "status", "role", "user_id", "duration_ms", "round_trips", "statements", "rows_read", "rows_written"]);
    assert.deepEqual([line.method, line.route, line.status, line.role, line.user_id], ["GET", "/rest/v1/{table}", 200, "authenticated", id]);
    assert.doesNotMatch(JSON.stringify(line), /needle/);
    const escape = await send("GET /rest/v1/projects", asOwner(), "User-Agent: \x1b[31m");
    assert.deepEqual(problem(escape), [400, "bad_encoding"]);
    assert.equal((await lineOf(escape.headers.get("x-request-id"))).code, "bad_encoding");
  });
});

test("two hundred requests at once are all answered", async (t) => {
  const signIn = await fetch(`${server.url}/auth/v1/token?grant_type=password`, { method: "POST", body: JSON.stringify({ email: ADA.email, password: ADA.password }), headers: { "content-type": "application/json" } });
  const { access_token: token } = await signIn.json();
  const ids = [];
  const call = async (path, method = "GET", body) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
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
  assert.deepEqual(Object.fromEntries(Object.entries(counts).map(([answer, { length }]) => [answer, length])), { "GET 200": 100, "POST 201": 50, "PATCH 204": 50 });
  const stored = JSON.parse((await send("GET /rest/v1/labels?select=name&name=like.burst*", asOwner())).body);
  assert.equal(stored.length, 50);
  for (const id of ids) await lineOf(id);
});

describe("secrets", () => {
  test("never get into the log, whatever is done with them", async () => {
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
    for (const body of [`{"email":"${canary}@example.com","password":"${canary}"`, `{"email":"${canary}","password":["${canary}"]}`, `{"refresh_token":"${canary}"}`]) {
      await exchange(server.url, head(`POST /auth/v1/token?grant_type=${body.includes("refresh") ? "refresh_token" : "password"}`, "Content-Type: application/json", `Content-Length: ${body.length}`), body);
    }
    await hangUp(server.url, head("POST /auth/v1/signup", "Content-Type: application/json", "Content-Length: 1000"), `{"email":"a@example.com","password":"${canary}`);
    await client.auth.signOut();
    await delay(300);
    // wrangler's own lines name the path of every request; the Worker's name its pattern.
    const lines = server.logs().filter((line) => !line.startsWith("[wrangler:info]"));
    const requests = lines.filter((line) => line.startsWith('{"time":')).length;
    assert.ok(requests > 250, `the log has only ${requests} requests`);
    const secrets = [canary, PASSWORD, server.secret, server.serviceRoleKey, session.access_token, session.refresh_token, fresh.access_token, fresh.refresh_token, "eyJ", "argon2id"];
    for (const secret of secrets) assert.deepEqual(lines.filter((line) => line.includes(secret)), [], secret);
  });

  test("that are not safe stop every route, and the log says why without them", async () => {
    const secret = "canary-too-short";
    const unsafe = await serve({ variables: { JWT_SECRET: secret } });
    try {
      const json = { "Content-Type": "application/json" };
      for (const [path, options] of [["/auth/v1/health"], ["/auth/v1/signup", { method: "POST", headers: json, body: "{}" }], ["/auth/v1/user"], ["/rest/v1/projects"], ["/rest/v1/projects", { method: "OPTIONS" }], ["/rest/v1/nothing/at/all"], ["/"], [asset], ["/nothing"]]) {
        const response = await fetch(unsafe.url + path, options);
        const body = await response.text();
        const id = response.headers.get("x-request-id");
        assert.equal(response.status, 500, path);
        assert.equal(response.headers.get("x-frame-options"), "DENY");
        assert.ok(body.includes(id) && body.includes("the server is not set up"), body);
        if (/^\/(rest|auth)\//.test(path)) assert.equal(JSON.parse(body).code, "misconfigured");
        const line = await lineOf(id, unsafe);
        assert.deepEqual([line.level, line.status, line.code, line.cause], ["error", 500, "misconfigured", "JWT_SECRET is shorter than 32 bytes"]);
        assert.ok(!body.includes(secret));
      }
      assert.deepEqual(unsafe.logs().filter((line) => line.includes(secret)), []);
    } finally {
      await unsafe.stop();
    }
  });
});

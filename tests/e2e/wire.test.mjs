// What only the wire shows: the headers of every kind of answer, and what no proper client sends.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { chunk, exchange, hangUp, head, json, problem } from "./raw.mjs";
import { serve } from "./support.mjs";

const URL_BYTES_MAX = 16 << 10;

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
const INERT = "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";
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
    "content-location, content-profile, content-range, content-type, etag, link, location, preference-applied, proxy-status, range-unit, retry-after, selvedge-count, selvedge-row-cap, x-request-id, x-sb-error-code, x-supabase-api-version, x-total-count",
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
  const TABLE_ALLOW = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

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
    const svg = await send(
      `GET ${asset}`.replace(/style-[^.]+\.css/, (await send("GET /")).body.match(/mark-\w+\.svg/)[0]),
    );
    assert.deepEqual(
      [svg.status, svg.headers.get("content-type"), svg.headers.get("content-security-policy")],
      [200, "image/svg+xml", INERT],
    );
  });

  test("rows and their refusals", async () => {
    const read = await send("GET /rest/v1/projects?select=name", asOwner());
    const etag = read.headers.get("etag");
    assert.match(etag, /^"[0-9a-f]{16}"$/);
    carries(read, 200, {
      ...JSON_API,
      "content-location": "/rest/v1/projects?select=name",
      "content-range": "0-1/*",
      "range-unit": "items",
      etag,
    });
    const refused = { ...JSON_API, "proxy-status": "Selvedge; error=42501", "www-authenticate": "Bearer" };
    carries(await send("GET /rest/v1/projects", asNobody()), 401, refused);
    carries(await send("HEAD /rest/v1/projects", asNobody()), 401, refused);
    carries(await send("GET /rest/v1/a/b"), 404, { ...JSON_API, "proxy-status": "Selvedge; error=PGRST125" });
    const method = { ...JSON_API, allow: TABLE_ALLOW, "proxy-status": "Selvedge; error=PGRST117" };
    const put = { ...JSON_API, "proxy-status": "Selvedge; error=PGRST102" };
    carries(await send("PUT /rest/v1/projects", asOwner(), "Content-Length: 0"), 400, put);
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
    carries(await send("GET /auth/v1/token"), 405, {
      ...JSON_API,
      allow: "POST, OPTIONS",
      "x-sb-error-code": "method_not_allowed",
    });
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
    assert.deepEqual(
      [options.status, options.headers.get("allow"), options.headers.get("access-control-allow-origin")],
      [200, "GET, HEAD, OPTIONS", undefined],
    );
    assert.equal(options.headers.get("x-frame-options"), page["x-frame-options"]);
  });
});

describe("what no proper client sends", () => {
  test("bytes in a URL that are no text", async () => {
    for (const target of [
      "/rest/v1/%00",
      "/rest/v1/%ff",
      "/rest/v1/%c0%80",
      "/rest/v1/%ed%a0%80",
      "/rest/v1/%zz",
      "/rest/v1/%",
      "/rest/v1/tasks?title=eq.%00",
      "/rest/v1/tasks?title=eq.%ff",
      "/rest/v1/tasks?%zz=1",
    ]) {
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
    assert.deepEqual(problem(await send("GET /rest/v1/tasks", "Authorization: Bearer a", "Authorization: Bearer b")), [
      401,
      "PGRST301",
    ]);
    for (const [path, body, code] of [
      ["/rest/v1/labels", Buffer.from('{"project_id":1,"name":"a\\u0000b"}'), "PGRST102"],
      ["/rest/v1/labels", Buffer.from('{"project_id":1,"name":"a\\ud800b"}'), "PGRST102"],
      ["/rest/v1/labels", Buffer.from([0x22, 0xff, 0x22]), "PGRST102"],
      ["/auth/v1/signup", Buffer.from('{"email":"a\\u0000@example.com","password":"12345678"}'), "bad_json"],
      ["/auth/v1/signup", Buffer.from([0x7b, 0xff, 0x7d]), "bad_json"],
    ]) {
      const answer = await exchange(server.url, head(`POST ${path}`, asOwner(), ...json(body)), body);
      assert.deepEqual(problem(answer), [400, code], `${path} ${body}`);
    }
    const form = await exchange(
      server.url,
      head("POST /auth/v1/signup", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 3"),
      "a=b",
    );
    assert.deepEqual(problem(form), [415, "unsupported_media_type"]);
  });

  test("a body that breaks off, though what came of it could be read", async () => {
    const headers = ["Transfer-Encoding: chunked", "Content-Type: application/json", asOwner()];
    for (let time = 0; time < 10; time++) {
      await hangUp(
        server.url,
        head("POST /rest/v1/labels", ...headers),
        chunk(Buffer.from(`{"project_id":1,"name":"broken off ${time}"}`)),
      );
    }
    await delay(300);
    const stored = await send("GET /rest/v1/labels?select=name&name=like.broken*", asOwner());
    assert.deepEqual([stored.status, stored.body], [200, "[]"]);
  });

  test("a host that is not ours changes nothing", async () => {
    const plain = await send("GET /");
    for (const lie of [
      ["GET http://evil.example/"],
      ["GET /", "X-Forwarded-Host: evil.example", "X-Original-URL: /auth/v1/health"],
    ]) {
      assert.equal((await send(...lie)).body, plain.body);
    }
  });
});

test("HEAD answers as GET does, without the body", async () => {
  const headers = [asOwner(), "Prefer: count=exact"];
  const [get, alone] = [
    await send("GET /rest/v1/projects?select=name", ...headers),
    await send("HEAD /rest/v1/projects?select=name", ...headers),
  ];
  // Rows are named by what is in them, and HEAD does not read them.
  const other = [...FRAMING, "x-request-id", "etag"];
  const kept = ({ status, headers }) => [status, ...[...headers].filter(([name]) => !other.includes(name)).sort()];
  assert.deepEqual(kept(alone), kept(get));
  assert.match(get.headers.get("content-range"), /^0-\d+\/\d+$/);
  assert.equal(alone.body, "");
});

test("digits are kept, in and out", async () => {
  const body = `{"id": 9007199254740993, "project_id": 1, "title": "Count the threads", "estimate": 0.1}`;
  const answer = await exchange(
    server.url,
    head("POST /rest/v1/tasks?select=id,estimate", asOwner(), "Prefer: return=representation", ...json(body)),
    body,
  );
  assert.deepEqual([answer.status, answer.body], [201, '[{"id":9007199254740993,"estimate":0.1}]']);
  const read = await send("GET /rest/v1/tasks?select=id&id=eq.9007199254740993", asOwner());
  assert.equal(read.body, '[{"id":9007199254740993}]');
});

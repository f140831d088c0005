// What only the real runtime shows: its rate limit, and that the address which counts is the platform's.
//
// Requests of this machine have no address that counts, so the other tests are not held up; here each has one, which
// production's edge would overwrite.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";

import { PASSWORD, clientOf, ok, refusal, signUp } from "./people.mjs";
import { serve } from "./support.mjs";

/** As `wrangler.toml` has it. */
const REQUESTS_MAX = 120;

let server;
before(async () => (server = await serve()));
after(() => server?.stop());

async function post(path, body, address, headers = {}) {
  const response = await fetch(`${server.url}/auth/v1/${path}`, {
    method: "POST",
    headers: {
      apikey: server.anonKey,
      "content-type": "application/json",
      ...(address && { "cf-connecting-ip": address }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const refresh = (address, headers) =>
  post("token?grant_type=refresh_token", { refresh_token: "none" }, address, headers);

/** Statuses and how often each came. */
function counted(answers) {
  const counts = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test("one network is stopped at the door, however it writes its address, and a refresh is told to come again", async () => {
  const subnet = (number) => `2001:db8:77:1:${(number * 7919).toString(16).slice(-4)}::${number.toString(16)}`;
  const answers = await Promise.all(Array.from({ length: 2 * REQUESTS_MAX }, (_, number) => refresh(subnet(number))));
  // The limit is one of sixty seconds by the clock, so a minute may begin in between.
  const { 400: taken, 503: late } = counted(answers);
  assert.ok(taken >= REQUESTS_MAX && taken < 2 * REQUESTS_MAX, `${taken} of ${answers.length}`);
  assert.equal(taken + late, answers.length);
  const refused = answers.find(({ status }) => status === 503);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal(refused.body.code, "service_unavailable");
});

test("anything else is told to wait, and who is elsewhere notices nothing", async () => {
  const home = "203.0.113.7";
  const answers = await Promise.all(
    Array.from({ length: 2 * REQUESTS_MAX }, (_, number) =>
      post("token?grant_type=none", {}, home, { "x-forwarded-for": `198.51.100.${number}`, "x-real-ip": `198.51.100.${number}` }),
    ),
  );
  const { 400: taken, 429: late } = counted(answers);
  assert.ok(taken >= REQUESTS_MAX && taken < 2 * REQUESTS_MAX, `${taken} of ${answers.length}`);
  assert.equal(taken + late, answers.length);
  const refused = answers.find(({ status }) => status === 429);
  assert.equal(refused.headers.get("retry-after"), "60");
  assert.equal(refused.body.code, "over_request_rate_limit");
  assert.equal((await post("token?grant_type=none", {}, "203.0.113.8")).status, 400);
});

test("of many simultaneous guesses five are compared, and the owner comes in from elsewhere", async () => {
  const ann = await signUp(server, "ann");
  const guess = (number) =>
    post("token?grant_type=password", { email: ann.email, password: `guess ${number}` }, "198.51.100.20");
  const answers = await Promise.all(Array.from({ length: 30 }, (_, number) => guess(number)));
  assert.deepEqual(counted(answers), { 400: 5, 429: 25 });
  for (const { status, body, headers } of answers.filter(({ status }) => status === 429)) {
    assert.equal(body.code, "over_request_rate_limit", status);
    assert.ok(["1", "2"].includes(headers.get("retry-after")), headers.get("retry-after"));
  }
  const owner = await post("token?grant_type=password", { email: ann.email, password: PASSWORD }, "198.51.100.21");
  assert.equal(owner.status, 200);
});

test("the client is told why a password is too weak", async () => {
  const client = clientOf(server);
  const attempt = (password) => client.auth.signUp({ email: `${randomUUID()}@example.com`, password });
  const common = await attempt("Password1");
  assert.equal(refusal({ ...common, data: null }), "422 weak_password");
  assert.deepEqual(common.error.reasons, ["pwned"]);
  assert.deepEqual((await attempt("short")).error.reasons, ["length"]);
  ok(await attempt("a password that nobody else has"));
});

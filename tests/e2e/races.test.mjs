// Many requests for the same thing at the same moment, on the real runtime and its real database: whatever can be
// had once is had once.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { ok, signIn, signUp } from "./people.mjs";
import { serve } from "./support.mjs";

const SESSIONS = 200;
const REFRESHES = 20;
const RIVALS = 50;
/** How many requests are under way at most: more would only wait in a queue of the machine's. */
const LANES = 50;
/** How long a used refresh token is answered with its successor, and a little more. */
const AFTER_REUSE_MILLISECONDS = 10_500;

let server;
before(async () => (server = await serve({ variables: { EXTERNAL_ANONYMOUS_USERS_ENABLED: "true" } })));
after(() => server?.stop());

async function request(method, path, token, body) {
  const response = await fetch(`${server.url}/auth/v1/${path}`, {
    method,
    headers: {
      apikey: server.anonKey,
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}

const post = (path, body, token) => request("POST", path, token, body);
const refresh = (token) => post("token?grant_type=refresh_token", { refresh_token: token });
const opens = async (token) => (await request("GET", "user", token)).status;

/** Does all of it, as much at once as there are lanes, and gives the answers in order. */
async function all(tasks) {
  const answers = [];
  let next = 0;
  const lane = async () => {
    while (next < tasks.length) {
      const place = next++;
      answers[place] = await tasks[place]();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return answers;
}

const times = (count, task) => all(Array.from({ length: count }, (_, number) => () => task(number)));

/** Exactly one answer is a success, whose body is given; every other is the refusal. */
function oneWinner(answers, refusals) {
  const winners = answers.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1, JSON.stringify(answers.map(({ status, body }) => [status, body?.code])));
  for (const { status, body } of answers.filter(({ status }) => status !== 200)) {
    assert.ok(refusals.includes(`${status} ${body.code}`), `${status} ${body.code}`);
  }
  return winners[0].body;
}

/** What the owner's server is given to put into a letter of its own. */
async function linkFor(type, email) {
  const { status, body } = await post("admin/generate_link", { type, email }, server.serviceRoleKey);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

const sessionsOf = async (token) => (await request("GET", "sessions", token)).body.length;

describe("a refresh token", () => {
  test("of each of 200 sessions, sent 20 times at once, has one successor", async () => {
    const sessions = await times(SESSIONS, async () => (await post("signup", {})).body);
    // Those of one session stand together: spread over all of the time, the last would come after their window.
    const tasks = sessions.flatMap((session) => Array(REFRESHES).fill(session));
    const answers = await all(tasks.map(({ refresh_token }) => () => refresh(refresh_token)));
    const successors = new Map(sessions.map(({ refresh_token }) => [refresh_token, new Set()]));
    for (const [place, { status, body }] of answers.entries()) {
      assert.equal(status, 200, JSON.stringify(body));
      successors.get(tasks[place].refresh_token).add(body.refresh_token);
    }
    const counts = [...successors.values()].map((tokens) => tokens.size);
    assert.deepEqual(counts, Array(SESSIONS).fill(1));
    const different = new Set([...successors.values()].flatMap((tokens) => [...tokens]));
    assert.equal(different.size, SESSIONS);
    // And the successor is good for the next one.
    const next = await all([...different].map((token) => () => refresh(token)));
    assert.ok(next.every(({ status }) => status === 200));
  });

  test("that comes again after its window ends the session and its access token, also among many", async () => {
    const { body: first } = await post("signup", {});
    const { body: second } = await refresh(first.refresh_token);
    assert.equal(await opens(second.access_token), 200);
    await delay(AFTER_REUSE_MILLISECONDS);
    const answers = await times(REFRESHES, () => refresh(first.refresh_token));
    const codes = answers.map(({ status, body }) => `${status} ${body.code}`).sort();
    assert.deepEqual(codes, [
      "400 refresh_token_already_used",
      ...Array(REFRESHES - 1).fill("400 refresh_token_not_found"),
    ]);
    for (const { access_token } of [first, second]) assert.equal(await opens(access_token), 403);
    assert.equal((await refresh(second.refresh_token)).body.code, "refresh_token_not_found");
  });
});

describe("fifty at once", () => {
  test("with one code begin one session", async () => {
    const ann = await signUp(server, "ann");
    const { email_otp: token } = await linkFor("magiclink", ann.email);
    const answers = await times(RIVALS, () => post("verify", { type: "email", email: ann.email, token }));
    const winner = oneWinner(answers, ["403 otp_expired"]);
    assert.equal(await sessionsOf(winner.access_token), 2);
  });

  test("with one link begin one session", async () => {
    const ann = await signUp(server, "ann");
    const { hashed_token: token_hash } = await linkFor("recovery", ann.email);
    const answers = await times(RIVALS, () => post("verify", { type: "recovery", token_hash }));
    const winner = oneWinner(answers, ["403 otp_expired"]);
    assert.equal(await sessionsOf(winner.access_token), 2);
  });

  test("with one invitation begin one session", async () => {
    const { hashed_token: token_hash } = await linkFor("invite", `guest-${randomUUID()}@example.com`);
    const answers = await times(RIVALS, () => post("verify", { type: "invite", token_hash }));
    const winner = oneWinner(answers, ["403 otp_expired"]);
    assert.equal(await sessionsOf(winner.access_token), 1);
  });

  test("invite one address once", async () => {
    const email = `guest-${randomUUID()}@example.com`;
    const answers = await times(RIVALS, () => post("invite", { email }, server.serviceRoleKey));
    const made = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.id));
    assert.equal(made.size, 1);
  });

  test("with one recovery code raise one session, and one code of an app raises one", async () => {
    const ann = await signUp(server, "ann");
    const factor = ok(await ann.client.auth.mfa.enroll({ factorType: "totp", friendlyName: "phone" }));
    const token = ann.session.access_token;
    const { body: challenge } = await post(`factors/${factor.id}/challenge`, {}, token);
    const shown = { challenge_id: challenge.id, code: codeOf(factor.totp.secret) };
    const proofs = await times(RIVALS, () => post(`factors/${factor.id}/verify`, shown, token));
    const refusals = ["422 mfa_verification_failed", "422 mfa_challenge_expired", "429 over_request_rate_limit"];
    const raised = oneWinner(proofs, refusals);
    const { body: made } = await post("factors/recovery-codes", {}, raised.access_token);

    const below = await times(5, () => signIn(server, ann));
    const answers = await times(RIVALS, (number) =>
      post("factors/recovery-codes/verify", { code: made.codes[0] }, below[number % below.length].session.access_token),
    );
    const winners = answers.filter(({ status }) => status === 200);
    assert.equal(winners.length, 1, JSON.stringify(answers.map(({ status, body }) => [status, body?.code])));
    assert.ok(answers.every(({ status }) => status === 200 || (status >= 400 && status < 500)));
    const { body: left } = await request("GET", "factors/recovery-codes", winners[0].body.access_token);
    assert.equal(left.remaining, made.codes.length - 1);
  });
});

/** RFC 6238 of a seed in base32, now. */
function codeOf(secret) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
  const seed = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", seed).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

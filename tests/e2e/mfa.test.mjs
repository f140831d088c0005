// Second factors through the unmodified supabase-js, on the real runtime. What an authenticator app does is written here
// again, with the cryptography of Node.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { clientOf, ok, signIn, signUp } from "./people.mjs";
import { serve } from "./support.mjs";

const STEP_SECONDS = 30;
const NOBODY = "99999999-9999-4999-8999-999999999999";

let server;
before(async () => (server = await serve()));
after(() => server?.stop());

/** RFC 6238 over RFC 4226, of a seed in base32; `steps` from now. */
function codeOf(secret, steps = 0) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
  const seed = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP_SECONDS) + steps));
  const hash = createHmac("sha1", seed).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** A code which is none of those that the server could take. */
function wrongCodeOf(secret) {
  const taken = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !taken.includes(code));
}

const claimsOf = (session) => JSON.parse(Buffer.from(session.access_token.split(".")[1], "base64url"));
const levels = async ({ client }) => {
  const { currentLevel, nextLevel } = ok(await client.auth.mfa.getAuthenticatorAssuranceLevel());
  return [currentLevel, nextLevel];
};
const refusal = ({ error }) => error && `${error.status} ${error.code}`;
const enroll = async ({ client }, friendlyName = "phone") =>
  ok(await client.auth.mfa.enroll({ factorType: "totp", friendlyName }));

/** Somebody with an app whose code was shown once, by the step before this one so that this one's is fresh. */
async function withApp(name) {
  const person = await signUp(server, name);
  const factor = await enroll(person);
  const code = codeOf(factor.totp.secret, -1);
  const raised = ok(await person.client.auth.mfa.challengeAndVerify({ factorId: factor.id, code }));
  return { ...person, factor, raised };
}

const post = async (path, token, body) => {
  const response = await fetch(`${server.url}/auth/v1/${path}`, {
    method: "POST",
    headers: { apikey: server.anonKey, authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
};

describe("a second factor", () => {
  test("is enrolled, challenged and verified, and raises the session", async () => {
    const ann = await signUp(server, "ann");
    assert.deepEqual(await levels(ann), ["aal1", "aal1"]);
    const factor = await enroll(ann);
    assert.match(factor.totp.qr_code, /^data:image\/svg\+xml;utf-8,<svg .*<\/svg>$/);
    assert.ok(new URL(factor.totp.uri).searchParams.get("secret") === factor.totp.secret);
    const before = ok(await ann.client.auth.mfa.listFactors());
    assert.deepEqual([before.all.length, before.totp.length], [1, 0]);

    const challenge = ok(await ann.client.auth.mfa.challenge({ factorId: factor.id }));
    const code = codeOf(factor.totp.secret);
    const verified = ok(await ann.client.auth.mfa.verify({ factorId: factor.id, challengeId: challenge.id, code }));
    assert.equal(verified.user.factors[0].status, "verified");
    assert.deepEqual(await levels(ann), ["aal2", "aal2"]);
    const listed = ok(await ann.client.auth.mfa.listFactors());
    assert.deepEqual(
      listed.totp.map(({ id, friendly_name }) => [id, friendly_name]),
      [[factor.id, "phone"]],
    );
    const { amr, aal } = claimsOf(verified);
    assert.deepEqual([aal, amr.map(({ method }) => method)], ["aal2", ["totp", "password"]]);

    const refreshed = ok(await ann.client.auth.refreshSession()).session;
    assert.equal(claimsOf(refreshed).aal, "aal2");
    ok(await ann.client.auth.getUser());
  });

  test("is asked for again by a new session, and ends those which have not shown it", async () => {
    const ann = await withApp("ann");
    const phone = await signIn(server, ann);
    const laptop = await signIn(server, ann);
    assert.deepEqual(await levels(phone), ["aal1", "aal2"]);
    const code = codeOf(ann.factor.totp.secret);
    ok(await phone.client.auth.mfa.challengeAndVerify({ factorId: ann.factor.id, code }));
    assert.deepEqual(await levels(phone), ["aal2", "aal2"]);
    assert.equal((await laptop.client.auth.getUser()).error?.name, "AuthSessionMissingError");
    ok(await ann.client.auth.getUser());
  });

  test("takes no code twice, nor a wrong one, nor one for a challenge of nobody", async () => {
    const ann = await withApp("ann");
    const { mfa } = ann.client.auth;
    const { id: factorId, totp } = ann.factor;
    const code = codeOf(totp.secret);
    assert.equal(refusal(await mfa.challengeAndVerify({ factorId, code: wrongCodeOf(totp.secret) })), "422 mfa_verification_failed");
    assert.equal(refusal(await mfa.verify({ factorId, challengeId: NOBODY, code })), "422 mfa_challenge_expired");
    ok(await mfa.challengeAndVerify({ factorId, code }));
    const replayed = await mfa.challengeAndVerify({ factorId, code });
    assert.equal(refusal(replayed), "422 mfa_verification_failed");
    assert.equal(replayed.error.message, "Invalid TOTP code entered");
  });

  test("takes one of many simultaneous uses of a code", async () => {
    const ann = await withApp("ann");
    const { access_token: token } = ann.raised;
    const factorId = ann.factor.id;
    const challenges = await Promise.all(Array.from({ length: 5 }, () => post(`factors/${factorId}/challenge`, token, {})));
    const code = codeOf(ann.factor.totp.secret);
    const answers = await Promise.all(
      challenges.map(({ body }) => post(`factors/${factorId}/verify`, token, { challenge_id: body.id, code })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 422, 422, 422, 422]);
  });

  test("is nobody else's, and not enrolled by a stolen password", async () => {
    const ann = await withApp("ann");
    const ben = await signUp(server, "ben");
    const factorId = ann.factor.id;
    assert.equal(refusal(await ben.client.auth.mfa.challenge({ factorId })), "404 mfa_factor_not_found");
    assert.equal(refusal(await ben.client.auth.mfa.unenroll({ factorId })), "404 mfa_factor_not_found");
    const thief = await signIn(server, ann);
    const enrolled = await thief.client.auth.mfa.enroll({ factorType: "totp", friendlyName: "mine" });
    assert.equal(refusal(enrolled), "403 insufficient_aal");
    assert.equal(refusal(await thief.client.auth.mfa.unenroll({ factorId })), "422 insufficient_aal");
    assert.equal(refusal(await ann.client.auth.mfa.enroll({ factorType: "totp", friendlyName: "phone" })), "422 mfa_factor_name_conflict");
    assert.equal(refusal(await ann.client.auth.mfa.enroll({ factorType: "phone", phone: "+1" })), "422 mfa_phone_enroll_not_enabled");
  });

  test("leaves no refresh token of before that buys the higher level", async () => {
    const ann = await signUp(server, "ann");
    const factor = await enroll(ann);
    ok(await ann.client.auth.mfa.challengeAndVerify({ factorId: factor.id, code: codeOf(factor.totp.secret) }));
    const stolen = await clientOf(server).auth.refreshSession(ann.session);
    assert.equal(refusal(stolen), "400 refresh_token_already_used");
  });

  test("goes, and takes the level with it", async () => {
    const ann = await withApp("ann");
    assert.equal(ok(await ann.client.auth.mfa.unenroll({ factorId: ann.factor.id })).id, ann.factor.id);
    ok(await ann.client.auth.refreshSession());
    assert.deepEqual(await levels(ann), ["aal1", "aal1"]);
    assert.deepEqual(ok(await ann.client.auth.mfa.listFactors()).all, []);
  });
});

describe("recovery codes", () => {
  test("raise a session once each, also of many simultaneous uses", async () => {
    const ann = await withApp("ann");
    const { body } = await post("factors/recovery-codes", ann.raised.access_token, {});
    assert.equal(new Set(body.codes).size, 10);
    const below = await signIn(server, ann);
    const use = (code) => post("factors/recovery-codes/verify", below.session.access_token, { code });
    const answers = await Promise.all(Array.from({ length: 10 }, () => use(body.codes[0])));
    const winners = answers.filter(({ status }) => status === 200);
    assert.deepEqual([winners.length, winners[0].body.recovery_codes_remaining], [1, 9]);
    assert.equal(claimsOf(winners[0].body).aal, "aal2");
    for (const { status, body: refused } of answers.filter((answer) => !winners.includes(answer))) {
      assert.deepEqual([status, refused.code], [422, "mfa_verification_failed"]);
    }
    ok(await below.client.auth.setSession(winners[0].body));
    assert.deepEqual(await levels(below), ["aal2", "aal2"]);
  });

  test("are not made by who has shown no second factor", async () => {
    const ann = await withApp("ann");
    const below = await signIn(server, ann);
    const { status, body } = await post("factors/recovery-codes", below.session.access_token, {});
    assert.deepEqual([status, body.code], [403, "insufficient_aal"]);
  });
});

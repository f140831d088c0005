// Links and codes through the unmodified supabase-js, on the real runtime, with the mail that it would have sent.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { createClient } from "@supabase/supabase-js";

import { letterTo } from "./inbox.mjs";
import { PASSWORD, clientOf, ok, signIn } from "./people.mjs";
import { serve } from "./support.mjs";

let server;
before(async () => (server = await serve({ variables: { MAILER_AUTOCONFIRM: "false" } })));
after(() => server?.stop());

const addressOf = (name) => `${name}-${randomUUID()}@example.com`;
const refusal = ({ error }) => error && `${error.status} ${error.code}`;

/** A client of the flow with a secret, which it keeps in memory. */
function clientWithSecret() {
  const memory = new Map();
  const storage = {
    getItem: (key) => memory.get(key) ?? null,
    setItem: (key, value) => memory.set(key, value),
    removeItem: (key) => memory.delete(key),
  };
  const auth = { flowType: "pkce", storage, autoRefreshToken: false, detectSessionInUrl: false };
  return createClient(server.url, server.anonKey, { auth });
}

/** Somebody who has signed up and typed the code. */
async function confirmed(name) {
  const [client, email, seen] = [clientOf(server), addressOf(name), new Set()];
  const { user, session } = ok(await client.auth.signUp({ email, password: PASSWORD }));
  assert.equal(session, null);
  const { code } = await letterTo(server, email, seen);
  const entered = ok(await client.auth.verifyOtp({ type: "email", email, token: code }));
  assert.equal(entered.user.id, user.id);
  return { client, email, id: user.id, session: entered.session, seen };
}

/** What a browser does with a link: it opens the page, and somebody clicks. Answers where that leads. */
async function click(link) {
  const page = await fetch(link);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type"), /^text\/html/);
  assert.equal((await fetch(link, { method: "HEAD" })).status, 200);
  const html = await page.text();
  const fields = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
  const body = new URLSearchParams(fields.map(([, name, value]) => [name, value.replaceAll("&amp;", "&")]));
  const action = new URL(html.match(/action="([^"]+)"/)[1], server.url);
  const answer = await fetch(action, { method: "POST", body, redirect: "manual" });
  assert.equal(answer.status, 303);
  return new URL(answer.headers.get("location"));
}

describe("signing up", () => {
  test("gives a session only to whoever has the mail", async () => {
    const { client, email, session } = await confirmed("ann");
    assert.equal(session.user.user_metadata.email_verified, true);
    assert.equal(ok(await client.auth.getUser()).user.email, email);
  });

  test("without the mail gives none", async () => {
    const email = addressOf("ann");
    const client = clientOf(server);
    ok(await client.auth.signUp({ email, password: PASSWORD }));
    assert.equal(refusal(await client.auth.signInWithPassword({ email, password: PASSWORD })), "400 email_not_confirmed");
    const { code } = await letterTo(server, email);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
    assert.equal(refusal(await client.auth.verifyOtp({ type: "signup", email, token: wrong })), "403 otp_expired");
    assert.equal(refusal(await client.auth.verifyOtp({ type: "recovery", email, token: code })), "403 otp_expired");
    ok(await client.auth.verifyOtp({ type: "signup", email, token: code }));
    assert.equal(refusal(await client.auth.verifyOtp({ type: "signup", email, token: code })), "403 otp_expired");
  });

  test("with a taken address looks the same, and its owner is told", async () => {
    const { email, seen } = await confirmed("ann");
    const { user, session } = ok(await clientOf(server).auth.signUp({ email, password: "another horse battery" }));
    assert.deepEqual([session, user.identities.length, user.email], [null, 1, email]);
    const letter = await letterTo(server, email, seen);
    assert.equal(letter.link, undefined);
    assert.equal(ok(await clientOf(server).auth.signInWithPassword({ email, password: PASSWORD })).user.email, email);
  });

  test("sends its letter once more, whose link alone counts", async () => {
    const [client, email, seen] = [clientOf(server), addressOf("ann"), new Set()];
    ok(await client.auth.signUp({ email, password: PASSWORD }));
    const first = await letterTo(server, email, seen);
    ok(await client.auth.resend({ type: "signup", email }));
    const second = await letterTo(server, email, seen);
    const verify = (tokenHash) => clientOf(server).auth.verifyOtp({ type: "email", token_hash: tokenHash });
    assert.equal(refusal(await verify(first.tokenHash)), "403 otp_expired");
    assert.equal(ok(await verify(second.tokenHash)).user.email, email);
    ok(await client.auth.resend({ type: "signup", email: addressOf("nobody") }));
  });
});

describe("a forgotten password", () => {
  test("is set anew behind a link that a look does not use up", async () => {
    const { client, email, seen } = await confirmed("ann");
    ok(await clientOf(server).auth.resetPasswordForEmail(email, { redirectTo: `${server.url}/reset` }));
    const { link } = await letterTo(server, email, seen);
    for (let look = 0; look < 3; look += 1) assert.equal((await fetch(link)).status, 200);
    const led = await click(link);
    assert.equal(led.origin + led.pathname, `${server.url}/reset`);
    const told = new URLSearchParams(led.hash.slice(1));
    assert.equal(told.get("type"), "recovery");
    const tokens = { access_token: told.get("access_token"), refresh_token: told.get("refresh_token") };
    const entered = clientOf(server);
    ok(await entered.auth.setSession(tokens));
    ok(await entered.auth.updateUser({ password: "a new horse battery" }));
    // What a client makes of 403 session_not_found.
    assert.equal((await client.auth.getUser()).error.name, "AuthSessionMissingError");
    assert.equal(refusal(await clientOf(server).auth.signInWithPassword({ email, password: PASSWORD })), "400 invalid_credentials");
    const again = new URLSearchParams((await click(link)).hash.slice(1));
    assert.equal(again.get("error_code"), "otp_expired");
  });

  test("of nobody is answered like anybody's", async () => {
    ok(await clientOf(server).auth.resetPasswordForEmail(addressOf("nobody")));
    const elsewhere = await clientOf(server).auth.resetPasswordForEmail("no address");
    assert.equal(refusal(elsewhere), "400 validation_failed");
  });

  test("leads a client with a secret to a code, which only it can use", async () => {
    const { email, seen } = await confirmed("ann");
    const client = clientWithSecret();
    ok(await client.auth.resetPasswordForEmail(email, { redirectTo: `${server.url}/reset` }));
    const led = await click((await letterTo(server, email, seen)).link);
    const code = led.searchParams.get("code");
    assert.deepEqual([led.hash, code.length], ["", 64]);
    const other = clientWithSecret();
    ok(await other.auth.resetPasswordForEmail(addressOf("mallory")));
    assert.equal(refusal(await other.auth.exchangeCodeForSession(code)), "400 bad_code_verifier");
    const { session } = ok(await client.auth.exchangeCodeForSession(code));
    assert.equal(session.user.email, email);
    assert.notEqual(refusal(await client.auth.exchangeCodeForSession(code)), null);
  });
});

describe("coming in without a password", () => {
  test("makes an account by its code, and enters it by its link", async () => {
    const [client, email, seen] = [clientOf(server), addressOf("otto"), new Set()];
    ok(await client.auth.signInWithOtp({ email, options: { data: { name: "Otto" } } }));
    const first = await letterTo(server, email, seen);
    const { user } = ok(await client.auth.verifyOtp({ type: "email", email, token: first.code }));
    assert.equal(user.user_metadata.name, "Otto");
    ok(await clientOf(server).auth.signInWithOtp({ email, options: { shouldCreateUser: false } }));
    const { link } = await letterTo(server, email, seen);
    const told = new URLSearchParams((await click(link)).hash.slice(1));
    assert.equal(ok(await client.auth.getUser(told.get("access_token"))).user.id, user.id);
  });

  test("of somebody unknown tells nothing and makes nothing", async () => {
    const email = addressOf("nobody");
    ok(await clientOf(server).auth.signInWithOtp({ email, options: { shouldCreateUser: false } }));
    const phone = await clientOf(server).auth.signInWithOtp({ phone: "+4312345" });
    assert.equal(refusal(phone), "400 phone_provider_disabled");
  });

  test("of fifty uses of one code at once gives one session", async () => {
    const email = addressOf("race");
    ok(await clientOf(server).auth.signInWithOtp({ email }));
    const { code } = await letterTo(server, email);
    const uses = Array.from({ length: 50 }, () => clientOf(server).auth.verifyOtp({ type: "email", email, token: code }));
    const answers = (await Promise.all(uses)).map((answer) => refusal(answer) ?? "entered").sort();
    assert.deepEqual([...new Set(answers)], ["403 otp_expired", "entered"]);
    assert.equal(answers.filter((answer) => answer === "entered").length, 1);
  });
});

describe("a link", () => {
  test("leads nowhere but to the site", async () => {
    const { email, seen } = await confirmed("ann");
    for (const redirectTo of ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]) {
      ok(await clientOf(server).auth.resetPasswordForEmail(email, { redirectTo }));
      const { link } = await letterTo(server, email, seen);
      assert.equal((await click(link)).hostname, "127.0.0.1");
    }
  });

  test("of fifty clicks at once gives one session", async () => {
    const { email, seen } = await confirmed("ann");
    ok(await clientOf(server).auth.resetPasswordForEmail(email));
    const { link } = await letterTo(server, email, seen);
    const led = await Promise.all(Array.from({ length: 50 }, () => click(link)));
    assert.equal(led.filter(({ hash }) => hash.includes("access_token=")).length, 1);
  });
});

describe("a user", () => {
  test("changes the address when both have agreed", async () => {
    const { client, email, seen } = await confirmed("ann");
    const next = addressOf("new");
    const { user } = ok(await client.auth.updateUser({ email: next }));
    assert.deepEqual([user.email, user.new_email], [email, next]);
    const old = await letterTo(server, email, seen);
    const fresh = await letterTo(server, next);
    const half = await clientOf(server).auth.verifyOtp({ type: "email_change", token_hash: old.tokenHash });
    assert.equal(half.data.session, null);
    assert.equal(ok(await client.auth.getUser()).user.email, email);
    const entered = ok(await clientOf(server).auth.verifyOtp({ type: "email_change", email: next, token: fresh.code }));
    assert.equal(entered.user.email, next);
  });

  test("changes metadata and the password, and nothing that is not theirs", async () => {
    const { client, email, id } = await confirmed("ann");
    ok(await client.auth.updateUser({ data: { theme: "dark", gone: 1 } }));
    const { user } = ok(await client.auth.updateUser({ data: { gone: null } }));
    assert.deepEqual(user.user_metadata, { email_verified: true, theme: "dark" });
    assert.equal(refusal(await client.auth.updateUser({ password: PASSWORD })), "422 same_password");
    assert.equal(refusal(await client.auth.updateUser({ app_metadata: { admin: true } })), "403 not_admin");
    ok(await client.auth.updateUser({ password: "a new horse battery" }));
    await signIn(server, { email, id }, "a new horse battery");
  });

  test("is sent a code for changing the password", async () => {
    const { client, email, seen } = await confirmed("ann");
    ok(await client.auth.reauthenticate());
    const { code } = await letterTo(server, email, seen);
    ok(await client.auth.updateUser({ password: "a new horse battery", nonce: code }));
  });

  test("may come in without an address and get one", async () => {
    const client = clientOf(server);
    const { user } = ok(await client.auth.signInAnonymously({ options: { data: { theme: "dark" } } }));
    assert.deepEqual([user.is_anonymous, user.email], [true, ""]);
    const email = addressOf("promoted");
    ok(await client.auth.updateUser({ email }));
    const { code } = await letterTo(server, email);
    const entered = ok(await client.auth.verifyOtp({ type: "email_change", email, token: code }));
    assert.deepEqual([entered.user.id, entered.user.is_anonymous], [user.id, false]);
  });
});

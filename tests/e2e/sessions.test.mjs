// Accounts and sessions through the unmodified supabase-js, on the real runtime and its real clock.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { PASSWORD, clientOf, ok, refusal, signIn, signUp } from "./people.mjs";
import { serve } from "./support.mjs";

/** How long a used refresh token is answered with its successor, and a little more. */
const AFTER_REUSE_MILLISECONDS = 10_500;

let server;
before(async () => (server = await serve()));
after(() => server?.stop());

const auth = (path, token, options = {}) =>
  fetch(`${server.url}/auth/v1/${path}`, {
    ...options,
    headers: {
      apikey: server.anonKey,
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
  });

const refresh = (refreshToken) =>
  auth("token?grant_type=refresh_token", null, {
    method: "POST",
    body: JSON.stringify({ refresh_token: refreshToken }),
  });

/** What the REST API says to an access token. */
const rows = (token) => clientOf(server, token).from("projects").select("name");

/** The statuses which an access token gets on both APIs. */
const opens = async (token) => [(await rows(token)).status, (await auth("user", token)).status];

const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

describe("signing up", () => {
  test("begins a session of a user without secrets", async () => {
    const client = clientOf(server);
    const email = `Ada.${randomUUID()}@Example.com`;
    const { user, session } = ok(
      await client.auth.signUp({
        email,
        password: PASSWORD,
        options: { data: { name: "Ada – 🧵", big: 9007199254740991 } },
      }),
    );
    assert.deepEqual(
      [user.email, user.role, user.aud, user.is_anonymous],
      [email.toLowerCase(), "authenticated", "authenticated", false],
    );
    assert.deepEqual(user.user_metadata, { name: "Ada – 🧵", big: 9007199254740991, email_verified: true });
    assert.deepEqual(user.app_metadata, { provider: "email", providers: ["email"] });
    assert.deepEqual(
      user.identities.map(({ provider, user_id }) => [provider, user_id]),
      [["email", user.id]],
    );
    assert.deepEqual([session.token_type, session.expires_in], ["bearer", 3600]);
    assert.ok(Math.abs(session.expires_at - Date.now() / 1000 - 3600) < 10);
    assert.doesNotMatch(JSON.stringify(user), /argon|hash|correct horse/);
    assert.deepEqual(ok(await client.auth.getUser()).user, user);
    assert.deepEqual(ok(await rows(session.access_token)), []);
  });

  test("cannot be done with bad input, nor twice", async () => {
    const { email } = await signUp(server, "once");
    const attempt = async (credentials) => {
      const { error } = await clientOf(server).auth.signUp(credentials);
      return `${error?.status} ${error?.code}`;
    };
    assert.equal(await attempt({ email, password: PASSWORD }), "422 user_already_exists");
    assert.equal(await attempt({ email: email.toUpperCase(), password: PASSWORD }), "422 user_already_exists");
    assert.equal(await attempt({ email: `new-${email}`, password: "short" }), "422 weak_password");
    assert.equal(await attempt({ email: "nobody", password: PASSWORD }), "400 validation_failed");
    assert.equal(await attempt({ email: `new-${email}`, password: "" }), "400 validation_failed");
    assert.equal(await attempt({ phone: "+4312345", password: PASSWORD }), "400 phone_provider_disabled");
    const weak = await clientOf(server).auth.signUp({ email: `new-${email}`, password: "short" });
    assert.deepEqual([weak.error.name, weak.error.reasons], ["AuthWeakPasswordError", ["length"]]);
  });

  test("of one address many times at once makes one account", async () => {
    const credentials = { email: `race-${randomUUID()}@example.com`, password: PASSWORD };
    const answers = await Promise.all(Array.from({ length: 6 }, () => clientOf(server).auth.signUp(credentials)));
    const codes = answers.map(({ error }) => error?.code ?? "made").sort();
    assert.deepEqual(codes, ["made", ...Array(5).fill("user_already_exists")]);
  });
});

describe("signing in", () => {
  test("with the password, on several devices", async () => {
    const ann = await signUp(server, "ann");
    const phone = await signIn(server, ann);
    assert.equal(ok(await phone.client.auth.getUser()).user.id, ann.id);
    assert.notEqual(claimsOf(phone.session.access_token).session_id, claimsOf(ann.session.access_token).session_id);
    assert.deepEqual(await opens(ann.session.access_token), [200, 200]);
  });

  test("a wrong password and an unknown address look the same", async () => {
    const { email } = await signUp(server, "ann");
    const answer = async (credentials) => {
      const response = await auth("token?grant_type=password", null, {
        method: "POST",
        body: JSON.stringify(credentials),
      });
      const headers = Object.fromEntries(
        [...response.headers].filter(([name]) => !["x-request-id", "date"].includes(name)),
      );
      return { status: response.status, headers, body: await response.text() };
    };
    const wrong = await answer({ email, password: `${PASSWORD}!` });
    assert.equal(wrong.status, 400);
    for (const other of [
      { email: `nobody-${email}`, password: PASSWORD },
      { email: "no address", password: PASSWORD },
      { email, password: "" },
    ]) {
      assert.deepEqual(await answer(other), wrong);
    }
    const seen = await clientOf(server).auth.signInWithPassword({ email, password: "wrong" });
    assert.equal(refusal({ ...seen, data: seen.data.session }), "400 invalid_credentials");
    assert.equal(seen.error.message, "Invalid login credentials");
  });
});

describe("a session", () => {
  test("moves to another client by its tokens", async () => {
    const { session, id } = await signUp(server, "ann");
    const other = clientOf(server);
    const moved = ok(await other.auth.setSession(session));
    assert.equal(moved.user.id, id);
    assert.deepEqual(ok(await other.from("projects").select("name")), []);
    const { claims } = ok(await other.auth.getClaims());
    assert.deepEqual(
      [claims.sub, claims.role, claims.aud, claims.aal, claims.iss],
      [id, "authenticated", "authenticated", "aal1", `${server.url}/auth/v1`],
    );
  });

  test("cannot be had with a forged or a foreign token", async () => {
    const { session } = await signUp(server, "ann");
    const [header, claims, signature] = session.access_token.split(".");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const mine = Buffer.from(JSON.stringify({ ...claimsOf(session.access_token), role: "service_role" })).toString(
      "base64url",
    );
    for (const token of [
      `${header}.${mine}.${signature}`,
      `${none}.${claims}.`,
      `${none}.${claims}.${signature}`,
      `${header}.${claims}.${signature}=`,
      session.refresh_token,
      "x",
    ]) {
      const answer = await rows(token);
      assert.match(refusal(answer), /^401 PGRST30[13]$/, token.slice(0, 20));
      assert.equal((await auth("user", token)).status, 401);
    }
    const key = await auth("user", server.anonKey);
    assert.deepEqual([key.status, (await key.json()).error_code], [401, "no_authorization"]);
  });

  test("is refreshed, and both access tokens are good", async () => {
    const { client, session } = await signUp(server, "ann");
    const next = ok(await client.auth.refreshSession()).session;
    assert.notEqual(next.refresh_token, session.refresh_token);
    assert.deepEqual(await opens(next.access_token), [200, 200]);
    assert.deepEqual(await opens(session.access_token), [200, 200]);
    assert.equal(claimsOf(next.access_token).session_id, claimsOf(session.access_token).session_id);
  });

  test("refreshed by many tabs at once stays one session", async () => {
    const { session } = await signUp(server, "ann");
    const tabs = await Promise.all(Array.from({ length: 8 }, () => clientOf(server).auth.refreshSession(session)));
    const tokens = new Set(tabs.map((tab) => ok(tab).session.refresh_token));
    assert.equal(tokens.size, 1);
    const again = ok(await clientOf(server).auth.refreshSession(session)).session;
    assert.ok(tokens.has(again.refresh_token), "within the window the current token is answered");
    ok(await clientOf(server).auth.refreshSession(again));
  });

  test("ends when an old refresh token is replayed, two behind at once, one behind after ten seconds", async () => {
    const [ann, ben] = await Promise.all([signUp(server, "ann"), signUp(server, "ben")]);
    const second = ok(await ann.client.auth.refreshSession()).session;
    const third = ok(await ann.client.auth.refreshSession()).session;
    const replayed = await clientOf(server).auth.refreshSession(ann.session);
    assert.equal(`${replayed.error.status} ${replayed.error.code}`, "400 refresh_token_already_used");
    for (const { access_token } of [ann.session, second, third])
      assert.deepEqual(await opens(access_token), [401, 403]);
    assert.equal((await (await refresh(third.refresh_token)).json()).error_code, "refresh_token_not_found");

    const current = ok(await ben.client.auth.refreshSession()).session;
    assert.equal(
      ok(await clientOf(server).auth.refreshSession(ben.session)).session.refresh_token,
      current.refresh_token,
    );
    await delay(AFTER_REUSE_MILLISECONDS);
    const late = await clientOf(server).auth.refreshSession(ben.session);
    assert.equal(`${late.error.status} ${late.error.code}`, "400 refresh_token_already_used");
    assert.deepEqual(await opens(current.access_token), [401, 403]);
    const { error } = await ben.client.auth.getUser();
    assert.equal(error.name, "AuthSessionMissingError");
  });
});

describe("signing out", () => {
  /** The same person on three devices, and the access token of each. */
  async function devices() {
    const ann = await signUp(server, "ann");
    const all = [ann, await signIn(server, ann), await signIn(server, ann)];
    return { all, tokens: all.map(({ session }) => session.access_token) };
  }

  const rest = async (tokens) => Promise.all(tokens.map(async (token) => (await rows(token)).status));

  test("refuses the access token at once, for reading and writing, on both APIs", async () => {
    const { client, session, id } = await signUp(server, "ann");
    assert.deepEqual(await opens(session.access_token), [200, 200]);
    assert.equal((await client.auth.signOut()).error, null);
    assert.deepEqual(await opens(session.access_token), [401, 403]);
    const stolen = clientOf(server, session.access_token);
    for (const answer of [
      await stolen.from("projects").select(),
      await stolen.from("projects").insert({ name: "Late", owner_id: id }),
      await stolen.from("projects").update({ name: "Late" }).eq("owner_id", id),
      await stolen.from("projects").delete().eq("owner_id", id),
    ]) {
      assert.deepEqual([refusal(answer), answer.error.message], ["401 PGRST303", "JWT session has ended"]);
    }
    const owner = clientOf(server, server.serviceRoleKey);
    assert.deepEqual(ok(await owner.from("projects").select().eq("owner_id", id)), []);
    assert.equal((await (await refresh(session.refresh_token)).json()).error_code, "refresh_token_not_found");
    assert.equal((await client.auth.getSession()).data.session, null);
  });

  test("here, elsewhere, or everywhere", async () => {
    const local = await devices();
    assert.equal((await local.all[0].client.auth.signOut({ scope: "local" })).error, null);
    assert.deepEqual(await rest(local.tokens), [401, 200, 200]);
    assert.equal((await local.all[1].client.auth.signOut({ scope: "others" })).error, null);
    assert.deepEqual(await rest(local.tokens), [401, 200, 401]);
    const everywhere = await devices();
    assert.equal((await everywhere.all[2].client.auth.signOut({ scope: "global" })).error, null);
    assert.deepEqual(await rest(everywhere.tokens), [401, 401, 401]);
    assert.deepEqual(await rest(local.tokens), [401, 200, 401]);
  });

  test("touches nobody else, and a scope that is none is refused", async () => {
    const [ann, ben] = await Promise.all([signUp(server, "ann"), signUp(server, "ben")]);
    assert.equal((await ann.client.auth.signOut()).error, null);
    assert.deepEqual(await opens(ben.session.access_token), [200, 200]);
    const odd = await auth("logout?scope=everyone", ben.session.access_token, { method: "POST" });
    assert.deepEqual([odd.status, (await odd.json()).error_code], [400, "validation_failed"]);
    assert.deepEqual(await opens(ben.session.access_token), [200, 200]);
  });
});

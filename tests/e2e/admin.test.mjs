// What the owner's server does with accounts, through the unmodified supabase-js, on the real runtime.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { letterTo } from "./inbox.mjs";
import { PASSWORD, clientOf, ok, signIn } from "./people.mjs";
import { serve } from "./support.mjs";

let server;
let admin;
before(async () => {
  server = await serve({ variables: { MAILER_AUTOCONFIRM: "false" } });
  admin = clientOf(server, server.serviceRoleKey).auth.admin;
});
after(() => server?.stop());

const NOBODY = "99999999-9999-4999-8999-999999999999";
const addressOf = (name) => `${name}-${randomUUID()}@example.com`;
const refusal = ({ error }) => error && `${error.status} ${error.code}`;

const create = async (name, more = {}) =>
  ok(await admin.createUser({ email: addressOf(name), password: PASSWORD, email_confirm: true, ...more })).user;

/** Somebody whom the owner's server has made, signed in. */
const enter = async (name) => signIn(server, await create(name));

const refresh = async ({ client, session }) => refusal(await client.auth.refreshSession(session));

/** What the endpoints answer that supabase-js does not know. */
const ask = (method, path, token) =>
  fetch(`${server.url}/auth/v1/${path}`, {
    method,
    headers: { apikey: server.anonKey, authorization: `Bearer ${token}` },
  });

describe("the owner's server", () => {
  test("makes an account, finds it, changes it and ends it", async () => {
    const email = addressOf("Ann");
    const { user } = ok(
      await admin.createUser({
        email,
        password: PASSWORD,
        email_confirm: true,
        user_metadata: { name: "Ann – 🧵" },
        app_metadata: { plan: "gold" },
      }),
    );
    assert.equal(user.email, email.toLowerCase());
    assert.deepEqual(user.app_metadata, { provider: "email", providers: ["email"], plan: "gold" });
    const ann = await signIn(server, user);
    assert.deepEqual(ok(await admin.getUserById(user.id)).user.id, user.id);
    const changed = ok(
      await admin.updateUserById(user.id, { user_metadata: { name: "Anna" }, app_metadata: { plan: null } }),
    ).user;
    assert.equal(changed.user_metadata.name, "Anna");
    assert.deepEqual(changed.app_metadata, { provider: "email", providers: ["email"] });
    assert.equal(ok(await ann.client.auth.getUser()).user.user_metadata.name, "Anna");
    assert.equal(refusal(await admin.createUser({ email, password: PASSWORD })), "422 email_exists");
    assert.equal(refusal(await admin.createUser({ email: addressOf("x"), password: "short" })), "422 weak_password");
    ok(await admin.deleteUser(user.id));
    assert.equal(refusal(await admin.getUserById(user.id)), "404 user_not_found");
    assert.equal(refusal(await admin.deleteUser(user.id)), "404 user_not_found");
    assert.notEqual(await refresh(ann), null);
    assert.equal(refusal(await admin.updateUserById(NOBODY, {})), "404 user_not_found");
  });

  test("leaves of an account that is ended softly nothing but its id", async () => {
    const user = await create("ann");
    ok(await admin.deleteUser(user.id, true));
    const left = ok(await admin.getUserById(user.id)).user;
    assert.equal(left.email, "");
    assert.notEqual(left.deleted_at, undefined);
    const { error } = await clientOf(server).auth.signInWithPassword({ email: user.email, password: PASSWORD });
    assert.equal(error.code, "invalid_credentials");
  });

  test("lists accounts page by page", async () => {
    for (const name of ["one", "two", "three"]) await create(name);
    const first = ok(await admin.listUsers({ page: 1, perPage: 2 }));
    assert.equal(first.users.length, 2);
    assert.equal(first.aud, "authenticated");
    assert.ok(first.total >= 3, `${first.total} accounts`);
    assert.equal(first.nextPage, 2);
    assert.equal(first.lastPage, Math.ceil(first.total / 2));
    const last = ok(await admin.listUsers({ page: first.lastPage, perPage: 2 }));
    assert.equal(last.nextPage, null);
    const all = ok(await admin.listUsers());
    assert.equal(all.users.length, all.total);
    assert.equal(refusal(await admin.listUsers({ page: -1 })), "400 validation_failed");
  });

  test("is nobody with another key", async () => {
    const ann = await enter("ann");
    const anon = clientOf(server).auth.admin;
    const own = clientOf(server, ann.session.access_token).auth.admin;
    for (const other of [anon, own]) {
      for (const answer of [
        await other.listUsers(),
        await other.createUser({ email: addressOf("eve"), password: PASSWORD }),
        await other.getUserById(ann.id),
        await other.updateUserById(ann.id, { app_metadata: { admin: true } }),
        await other.deleteUser(ann.id),
        await other.inviteUserByEmail(addressOf("eve")),
        await other.generateLink({ type: "magiclink", email: ann.email }),
        await other.mfa.listFactors({ userId: ann.id }),
      ]) {
        assert.equal(refusal(answer), "403 not_admin");
      }
    }
    assert.equal(ok(await ann.client.auth.getUser()).user.app_metadata.admin, undefined);
  });

  test("suspends an account, whose sessions are dead at once", async () => {
    const ann = await enter("ann");
    ok(await admin.updateUserById(ann.id, { ban_duration: "24h" }));
    assert.equal((await ann.client.from("projects").select("name")).status, 401);
    assert.equal((await ask("GET", "user", ann.session.access_token)).status, 403);
    assert.equal(await refresh(ann), "400 refresh_token_not_found");
    const again = () => clientOf(server).auth.signInWithPassword({ email: ann.email, password: PASSWORD });
    assert.equal((await again()).error.code, "user_banned");
    ok(await admin.updateUserById(ann.id, { ban_duration: "none" }));
    ok(await again());
  });

  test("ends every session with another password, by a token, and by an id", async () => {
    const password = await enter("ann");
    ok(await admin.updateUserById(password.id, { password: `${PASSWORD} 2` }));
    assert.equal((await ask("GET", "user", password.session.access_token)).status, 403);
    const token = await enter("bob");
    const { error } = await admin.signOut(token.session.access_token, "global");
    assert.equal(error, null);
    assert.equal((await ask("GET", "user", token.session.access_token)).status, 403);
    const id = await enter("cleo");
    assert.equal((await ask("POST", `admin/users/${id.id}/logout`, server.serviceRoleKey)).status, 204);
    assert.equal((await ask("GET", "user", id.session.access_token)).status, 403);
  });
});

describe("links of the owner's server", () => {
  test("come in all their parts, and are used by clients", async () => {
    const user = await create("ann");
    for (const type of ["magiclink", "recovery"]) {
      const { properties, user: found } = ok(await admin.generateLink({ type, email: user.email }));
      assert.equal(found.id, user.id);
      assert.equal(properties.verification_type, type);
      assert.equal(new URL(properties.action_link).searchParams.get("token"), properties.hashed_token);
      const use = () => clientOf(server).auth.verifyOtp({ type, token_hash: properties.hashed_token });
      assert.equal(ok(await use()).user.id, user.id);
      assert.equal(refusal(await use()), "403 otp_expired");
    }
    const email = addressOf("new");
    const { properties } = ok(await admin.generateLink({ type: "signup", email, password: PASSWORD }));
    ok(await clientOf(server).auth.verifyOtp({ type: "email", email, token: properties.email_otp }));
    assert.equal(refusal(await admin.generateLink({ type: "signup", email, password: PASSWORD })), "422 email_exists");
    const unknown = { type: "recovery", email: addressOf("nobody") };
    assert.equal(refusal(await admin.generateLink(unknown)), "404 user_not_found");
  });

  test("invite by mail", async () => {
    const email = addressOf("ann");
    const { user } = ok(await admin.inviteUserByEmail(email, { data: { team: "red" } }));
    assert.notEqual(user.invited_at, undefined);
    const { tokenHash } = await letterTo(server, email);
    const entered = ok(await clientOf(server).auth.verifyOtp({ type: "invite", token_hash: tokenHash }));
    assert.deepEqual([entered.user.id, entered.user.user_metadata.team], [user.id, "red"]);
    assert.equal(refusal(await admin.inviteUserByEmail(email)), "422 email_exists");
  });
});

test("a lost factor is taken away", async () => {
  const ann = await enter("ann");
  assert.deepEqual(ok(await admin.mfa.listFactors({ userId: ann.id })).factors, []);
  const enrolled = ok(await ann.client.auth.mfa.enroll({ factorType: "totp", friendlyName: "phone" }));
  const { factors } = ok(await admin.mfa.listFactors({ userId: ann.id }));
  assert.deepEqual(
    factors.map(({ id, friendly_name, factor_type, status }) => [id, friendly_name, factor_type, status]),
    [[enrolled.id, "phone", "totp", "unverified"]],
  );
  const wrong = await admin.mfa.deleteFactor({ userId: ann.id, id: NOBODY });
  assert.equal(refusal(wrong), "404 mfa_factor_not_found");
  // The client hands the answer on as it wraps it: `data` within `data`.
  assert.equal(ok(await admin.mfa.deleteFactor({ userId: ann.id, id: enrolled.id })).data.id, enrolled.id);
  assert.deepEqual(ok(await admin.mfa.listFactors({ userId: ann.id })).factors, []);
});

test("a user sees the sessions and ends one of another device", async () => {
  const phone = await enter("ann");
  const laptop = await signIn(server, phone);
  const sessions = await (await ask("GET", "sessions", laptop.session.access_token)).json();
  assert.deepEqual(sessions.map(({ current }) => current).sort(), [false, true]);
  const other = sessions.find(({ current }) => !current);
  const stranger = await enter("eve");
  assert.equal((await ask("DELETE", `sessions/${other.id}`, stranger.session.access_token)).status, 404);
  assert.equal((await ask("DELETE", `sessions/${other.id}`, laptop.session.access_token)).status, 204);
  assert.equal((await ask("GET", "user", phone.session.access_token)).status, 403);
  ok(await laptop.client.auth.getUser());
});

test("a password of elsewhere that is too weak lets its owner in and says so", async () => {
  // "password", by the reference implementation.
  const password_hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  const email = addressOf("weak");
  ok(await admin.createUser({ email, password_hash, email_confirm: true }));
  const weak = ok(await clientOf(server).auth.signInWithPassword({ email, password: "password" }));
  assert.deepEqual(weak.weakPassword.reasons, ["pwned"]);
  const strong = await enter("ann");
  const again = ok(await clientOf(server).auth.signInWithPassword({ email: strong.email, password: PASSWORD }));
  assert.equal(again.weakPassword, undefined);
});

test("the audit log tells of failures too, and of nobody's address", async () => {
  const ann = await enter("ann");
  await clientOf(server).auth.signInWithPassword({ email: ann.email, password: "wrong horse" });
  const answer = await ask("GET", `admin/audit?per_page=2&query=author:${ann.id}`, server.serviceRoleKey);
  assert.equal(answer.headers.get("x-total-count"), "2");
  const entries = await answer.json();
  assert.deepEqual(
    entries.map(({ payload }) => payload.action),
    ["login_failed", "login"],
  );
  assert.equal((await ask("GET", "admin/audit", ann.session.access_token)).status, 403);
  assert.ok(!JSON.stringify(entries.map(({ payload }) => payload.traits)).includes("@"));
});

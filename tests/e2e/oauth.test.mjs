// Ways in through somebody else, through the unmodified supabase-js, with an issuer whose signatures are real.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { createClient } from "@supabase/supabase-js";

import { Browser, serveIssuer } from "./issuer.mjs";
import { PASSWORD, clientOf, ok, refusal, signUp } from "./people.mjs";
import { serve } from "./support.mjs";

const APP = "https://app.example/in";

let issuer;
let server;
before(async () => {
  issuer = await serveIssuer();
  server = await serve({
    variables: {
      ...issuer.variables,
      MAILER_AUTOCONFIRM: "true",
      SECURITY_MANUAL_LINKING_ENABLED: "true",
      URI_ALLOW_LIST: "https://app.example/**",
    },
  });
});
after(() => {
  issuer?.stop();
  return server?.stop();
});

function person(name) {
  const email = `${name.toLowerCase()}-${randomUUID()}@example.com`;
  issuer.person = { sub: randomUUID(), email, email_verified: true, name };
  return issuer.person;
}

/** A client that proves itself when it asks for its session, as apps do. */
function pkceClient() {
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
  const auth = { flowType: "pkce", storage, autoRefreshToken: false, detectSessionInUrl: false };
  return createClient(server.url, server.anonKey, { auth });
}

async function start(client, options = {}) {
  return ok(await client.auth.signInWithOAuth({ provider: "acme", options: { redirectTo: APP, ...options } })).url;
}

/** All the way with a code: the client, signed in. */
async function signIn(client = pkceClient()) {
  const back = await new Browser().go(await start(client), APP);
  return { client, ...ok(await client.auth.exchangeCodeForSession(back.searchParams.get("code"))) };
}

describe("signing in with a provider", () => {
  test("ends in a session for a code", async () => {
    const { email, sub } = person("Ann");
    const { client, user, session } = await signIn();
    assert.equal(user.email, email);
    assert.deepEqual(user.app_metadata, { provider: "acme", providers: ["acme"] });
    assert.equal(user.user_metadata.full_name, "Ann");
    assert.match(session.provider_token, /^of /);
    const { identities } = ok(await client.auth.getUserIdentities());
    assert.deepEqual(
      identities.map(({ provider, id }) => [provider, id]),
      [["acme", sub]],
    );
    assert.deepEqual(ok(await client.from("projects").select("name")), []);
    assert.equal((await signIn()).user.id, user.id);
  });

  test("ends in a session in the fragment without PKCE", async () => {
    const { email } = person("Bob");
    const client = clientOf(server);
    const back = await new Browser().go(await start(client), APP);
    const { access_token, refresh_token, provider_token } = Object.fromEntries(new URLSearchParams(back.hash.slice(1)));
    assert.match(provider_token, /^of /);
    assert.equal(ok(await client.auth.setSession({ access_token, refresh_token })).user.email, email);
  });

  test("takes a provider's form, whose browser goes on by itself", async () => {
    const { email } = person("Fay");
    const client = pkceClient();
    const browser = new Browser();
    const callback = `${server.url}/auth/v1/callback`;
    const back = await browser.go(await start(client), callback);
    const headers = { origin: issuer.url, "sec-fetch-site": "cross-site" };
    const sent = await fetch(callback, { method: "POST", redirect: "manual", headers, body: back.searchParams });
    assert.deepEqual([sent.status, sent.headers.get("location")], [303, back.href]);
    const stranger = await new Browser().go(back.href, APP);
    assert.deepEqual([stranger.status, (await stranger.json()).code], [400, "bad_oauth_state"]);
    const { searchParams } = await browser.go(back.href, APP);
    assert.equal(ok(await client.auth.exchangeCodeForSession(searchParams.get("code"))).user.email, email);
  });

  test("counts once, for one browser, and for the client that began", async () => {
    person("Cleo");
    const client = pkceClient();
    const browser = new Browser();
    const atProvider = await fetch(await start(client), { redirect: "manual" });
    const stolen = await fetch(atProvider.headers.get("location"), { redirect: "manual" });
    const callback = stolen.headers.get("location");
    const elsewhere = await browser.go(callback, APP);
    assert.deepEqual([elsewhere.status, (await elsewhere.json()).code], [400, "bad_oauth_state"]);
    const back = await browser.go(await start(client), APP);
    const code = back.searchParams.get("code");
    const stranger = pkceClient();
    await start(stranger);
    assert.equal(refusal(await exchanged(stranger, code)), "400 bad_code_verifier");
    ok(await client.auth.exchangeCodeForSession(code));
    await start(client);
    assert.equal(refusal(await exchanged(client, code)), "404 flow_state_not_found");
  });

  test("leads nowhere else", async () => {
    person("Dan");
    const back = await new Browser().go(await start(clientOf(server), { redirectTo: "https://evil.example/" }), server.url + "#");
    assert.ok(back.hash.includes("access_token"));
  });

  test("takes no unverified address for anybody's", async () => {
    const ann = await signUp(server, "ann");
    issuer.person = { sub: randomUUID(), email: ann.email, email_verified: false };
    const back = await new Browser().go(await start(pkceClient()), APP);
    assert.equal(back.searchParams.get("error_code"), "provider_email_needs_verification");
  });

  test("drops a password that was waiting for the address's owner", async () => {
    const mallory = await signUp(server, "victim");
    issuer.person = { sub: randomUUID(), email: mallory.email, email_verified: true };
    const { user } = await signIn();
    assert.equal(user.id, mallory.id);
    const again = await clientOf(server).auth.signInWithPassword({ email: mallory.email, password: PASSWORD });
    assert.equal(again.error.code, "invalid_credentials");
    assert.equal((await mallory.client.auth.getUser()).error.name, "AuthSessionMissingError");
  });
});

const exchanged = async (client, code) => {
  const { error } = await client.auth.exchangeCodeForSession(code);
  return { data: null, error };
};

describe("identities", () => {
  test("are linked and unlinked", async () => {
    const { client, id, email } = await signUp(server, "eve");
    person("Eve");
    const { url } = ok(await client.auth.linkIdentity({ provider: "acme", options: { redirectTo: APP } }));
    const back = await new Browser().go(url, APP);
    assert.ok(back.hash.includes("access_token"), back.href);
    const { identities } = ok(await client.auth.getUserIdentities());
    assert.deepEqual(
      identities.map(({ provider }) => provider).toSorted(),
      ["acme", "email"],
    );
    assert.deepEqual([(await signIn()).user.id, (await signIn()).user.email], [id, email]);
    ok(await client.auth.unlinkIdentity(identities.find(({ provider }) => provider === "acme")));
    const left = ok(await client.auth.getUserIdentities()).identities;
    assert.deepEqual(
      left.map(({ provider }) => provider),
      ["email"],
    );
    const last = await client.auth.unlinkIdentity(left[0]);
    assert.deepEqual([last.error.status, last.error.code], [422, "single_identity_not_deletable"]);
  });

  test("are linked with a code by the client that asked, and by no other", async () => {
    person("Kim");
    const { client, user } = await signIn();
    person("Kimberly");
    const { url } = ok(await client.auth.linkIdentity({ provider: "acme", options: { redirectTo: APP } }));
    const back = await new Browser().go(url, APP);
    const count = async () => ok(await client.auth.getUserIdentities()).identities.length;
    assert.equal(await count(), 1);
    const code = back.searchParams.get("code");
    const stranger = pkceClient();
    await start(stranger);
    assert.equal(refusal(await exchanged(stranger, code)), "400 bad_code_verifier");
    assert.equal(await count(), 1);
    assert.equal(ok(await client.auth.exchangeCodeForSession(code)).user.id, user.id);
    assert.equal(await count(), 2);
  });

  test("of others are not taken", async () => {
    person("Fay");
    await signIn();
    const { client } = await signUp(server, "gus");
    const { url } = ok(await client.auth.linkIdentity({ provider: "acme", options: { redirectTo: APP } }));
    const back = await new Browser().go(url, APP);
    assert.equal(back.searchParams.get("error_code"), "identity_already_exists");
  });
});

describe("a provider's statement", () => {
  const nonce = "a nonce of the app";
  const hashed = createHash("sha256").update(nonce).digest("hex");
  const bring = (token, more = {}) => clientOf(server).auth.signInWithIdToken({ provider: "acme", token, ...more });
  const code = async (answer) => (await answer).error?.message;

  test("begins a session when it is genuine", async () => {
    const { email } = person("Hal");
    const { user, session } = ok(await bring(issuer.idToken({ nonce: hashed }), { nonce }));
    assert.deepEqual([user.email, session.token_type], [email, "bearer"]);
    assert.equal((await signIn()).user.id, user.id);
  });

  test("is refused when it is not", async () => {
    person("Ida");
    const genuine = issuer.idToken({});
    const [header, claims, signature] = genuine.split(".");
    const forged = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(claims, "base64url")), sub: "another" }));
    const other = await serveIssuer("other");
    other.stop();
    other.person = issuer.person;
    const unsigned = Buffer.from(JSON.stringify({ alg: "none", kid: "one" })).toString("base64url");
    for (const token of [
      `${header}.${forged.toString("base64url")}.${signature}`,
      `${header}.${claims}.${"A".repeat(signature.length)}`,
      `${unsigned}.${claims}.`,
      other.idToken({ iss: issuer.url, aud: issuer.client.id }),
      issuer.idToken({ iss: "https://evil.example" }),
      issuer.idToken({ aud: "another" }),
      issuer.idToken({ exp: Math.floor(Date.now() / 1000) - 1 }),
    ]) {
      assert.equal(await code(bring(token)), "Bad ID token");
    }
    assert.match(await code(bring(issuer.idToken({ nonce: hashed }))), /either both exist or not/);
    assert.equal(await code(bring(issuer.idToken({ nonce: hashed }), { nonce: "another" })), "Nonces mismatch");
    ok(await bring(genuine));
  });
});

// People who use a served Worker, each through an unmodified supabase-js client of their own.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { createClient } from "@supabase/supabase-js";

export const PASSWORD = "correct horse battery staple";

/** A client that keeps its session in memory and does nothing by itself. */
export function clientOf(server, key = server.anonKey) {
  const auth = { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false };
  return createClient(server.url, key, { auth });
}

/** Signs a new person up. */
export async function signUp(server, name, password = PASSWORD) {
  const client = clientOf(server);
  const email = `${name}-${randomUUID()}@example.com`;
  const { user, session } = ok(await client.auth.signUp({ email, password }));
  return { client, email, id: user.id, session };
}

/** Another device of the same person. */
export async function signIn(server, { email, id }, password = PASSWORD) {
  const client = clientOf(server);
  const { session } = ok(await client.auth.signInWithPassword({ email, password }));
  return { client, email, id, session };
}

/** The data of an answer which must not be an error. */
export function ok({ data, error }) {
  assert.equal(error, null, error && `${error.code}: ${error.message}`);
  return data;
}

/** The status and the code of an answer which must be an error. */
export function refusal({ data, error, status }) {
  assert.equal(data, null);
  assert.notEqual(error, null, "this must be refused");
  return `${status ?? error.status} ${error.code}`;
}

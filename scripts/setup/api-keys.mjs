// The two keys that clients send: `anon` may be public, `service_role` passes every policy.

import { createHmac } from "node:crypto";

const LIFETIME_YEARS = 10;

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Issued on the first day of this year, so that the same secret shows the same key whenever it is asked for. */
export function apiKey(role, secret, now = new Date()) {
  const year = now.getUTCFullYear();
  const claims = {
    iss: "selvedge",
    role,
    iat: Date.UTC(year, 0) / 1000,
    exp: Date.UTC(year + LIFETIME_YEARS, 0) / 1000,
  };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

export const apiKeys = (secret) => ({ anon: apiKey("anon", secret), serviceRole: apiKey("service_role", secret) });

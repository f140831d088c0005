import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { serve } from "./support.mjs";

let server;
before(async () => (server = await serve()));
after(() => server?.stop());

const password = "correct horse battery staple";

async function post(path, body) {
  const response = await fetch(`${server.url}/auth/v1/${path}`, {
    method: "POST",
    headers: { apikey: server.anonKey, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

test("whoever was told that they are signed up can sign in after a crash", async () => {
  const emails = Array.from({ length: 20 }, (_, index) => `crash-${index}@example.com`);
  const told = [];
  const signingUp = emails.map(async (email) => {
    const { status } = await post("signup", { email, password });
    if (status !== 200) return;
    told.push(email);
    if (told.length === 3) await server.kill();
  });
  await Promise.allSettled(signingUp);
  assert.ok(told.length >= 3);
  await assert.rejects(fetch(server.url), "the runtime is gone");

  await server.restart();
  for (const email of told) {
    const { status, body } = await post("token?grant_type=password", { email, password });
    assert.equal(status, 200, `${email}: ${JSON.stringify(body)}`);
  }
});

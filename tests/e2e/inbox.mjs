// The mail that a served Worker would have sent, from the inbox of its machine for development.

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/** The newest letter to an address whose subject was not seen there yet, and what a reader finds in it. */
export async function letterTo(server, address, seen = new Set()) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const listed = await fetch(`${server.url}/inbox/api/v1/search?query=to:${encodeURIComponent(address)}`);
    assert.equal(listed.status, 200);
    const { messages } = await listed.json();
    const fresh = messages.find(({ ID }) => !seen.has(ID));
    if (fresh) {
      seen.add(fresh.ID);
      const message = await fetch(`${server.url}/inbox/api/v1/message/${fresh.ID}`);
      return read(await message.json());
    }
    await delay(50);
  }
  throw new Error(`no letter to ${address} has come`);
}

function read({ Subject: subject, Text: text }) {
  const link = text.match(/https?:\/\/\S*\/auth\/v1\/verify\?\S+/)?.[0];
  return { subject, text, link, tokenHash: link && new URL(link).searchParams.get("token"), code: text.match(/\b\d{6}\b/)?.[0] };
}

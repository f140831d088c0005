import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { send } from "../../src/cloudflare/glue.js";

async function serve(answer) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}`, asked, close: () => server.close() };
}

test("a request of our own goes where it is sent, and no further", async () => {
  const inside = await serve((response) => response.end("inside"));
  const outside = await serve((response) => response.writeHead(307, { location: inside.url }).end("elsewhere"));
  try {
    for (const [method, content] of [["GET"], ["POST", "a secret"]]) {
      const url = `${outside.url}/token`;
      const [status, headers, body] = await send(method, url, "accept\ntext/plain\n", content, 100, 5000);
      assert.equal(status, 307);
      assert.ok(headers.includes(inside.url));
      assert.equal(new TextDecoder().decode(body), "elsewhere");
    }
    assert.deepEqual(outside.asked, ["GET /token", "POST /token"]);
    assert.deepEqual(inside.asked, []);
  } finally {
    inside.close();
    outside.close();
  }
});

test("an answer is read up to its limit", async () => {
  const server = await serve((response) => response.end("x".repeat(101)));
  try {
    const read = async (limit) => (await send("GET", server.url, "", undefined, limit, 5000))[2];
    assert.equal((await read(101)).byteLength, 101);
    assert.equal(await read(100), null);
  } finally {
    server.close();
  }
});

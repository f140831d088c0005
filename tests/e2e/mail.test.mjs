// Letters on the real runtime: they leave behind the response, are tried again by the clock, and stay on this machine.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { clientOf, ok, signUp } from "./people.mjs";
import { serve } from "./support.mjs";

/** Waits for what happens behind a response. */
async function until(look, what) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await look();
    if (found) return found;
    await delay(100);
  }
  throw new Error(`there is no ${what}`);
}

const linkIn = (text) => new URL(text.match(/^https?:\/\/\S+\/auth\/v1\/verify\S*$/m)[0]);

describe("the inbox", () => {
  let server;
  before(async () => (server = await serve()));
  after(() => server?.stop());

  const inbox = async (path, options) => {
    const answer = await fetch(`${server.url}/inbox${path}`, options);
    return { status: answer.status, type: answer.headers.get("content-type"), body: await answer.text() };
  };
  const json = async (path) => {
    const { status, body } = await inbox(`/api/v1/${path}`);
    assert.equal(status, 200, body);
    return JSON.parse(body);
  };
  const letterTo = (email) =>
    until(async () => (await json(`search?query=to:${encodeURIComponent(email)}`)).messages[0], `letter to ${email}`);

  test("has what waits behind a response, and its link and code open the account", async () => {
    const { email, client } = await signUp(server, "mail-ann");
    ok(await client.auth.signOut());
    ok(await client.auth.resetPasswordForEmail(email, { redirectTo: `${server.url}/new-password` }));
    const { ID } = await letterTo(email);
    const letter = await json(`message/${ID}`);
    assert.deepEqual(letter.To, [{ Name: "", Address: email }]);
    assert.match(letter.Subject, /^A new password for 127\.0\.0\.1:\d+$/);
    const link = linkIn(letter.Text);
    assert.equal(link.origin, server.url);
    assert.ok(letter.HTML.includes(link.href.replaceAll("&", "&amp;")));
    assert.equal(link.searchParams.get("redirect_to"), `${server.url}/new-password`);
    const token_hash = link.searchParams.get("token");
    const { user } = ok(await clientOf(server).auth.verifyOtp({ type: "recovery", token_hash }));
    assert.equal(user.email, email);
    const again = await clientOf(server).auth.verifyOtp({ type: "recovery", token_hash });
    assert.equal(again.error.code, "otp_expired");
    ok(await client.auth.resetPasswordForEmail(email));
    const second = await until(async () => {
      const { messages } = await json(`search?query=to:${encodeURIComponent(email)}`);
      return messages.find((message) => message.ID !== ID && message.Subject === letter.Subject);
    }, "second letter");
    const token = (await json(`message/${second.ID}`)).Text.match(/The code is (\d{6})\./)[1];
    ok(await clientOf(server).auth.verifyOtp({ type: "recovery", email, token }));
  });

  test("stays empty of letters to nobody", async () => {
    ok(await clientOf(server).auth.resetPasswordForEmail("nobody-at-all@example.com"));
    const { client, email } = await signUp(server, "mail-after");
    ok(await client.auth.resetPasswordForEmail(email));
    await letterTo(email);
    assert.equal((await json("search?query=to:nobody-at-all@example.com")).messages.length, 0);
  });

  test("is a page without script, and is emptied", async () => {
    const { client, email } = await signUp(server, "mail-page");
    ok(await client.auth.resetPasswordForEmail(email));
    await letterTo(email);
    const page = await inbox("");
    assert.equal(page.status, 200);
    assert.match(page.type, /^text\/html/);
    assert.ok(page.body.includes(email) && page.body.includes('<a href="http'));
    assert.doesNotMatch(page.body, /<script|<style/);
    assert.equal((await inbox("/api/v1/messages", { method: "DELETE" })).status, 200);
    assert.equal((await json("messages")).total, 0);
    assert.match((await inbox("")).body, /It is empty\./);
  });

  test("refuses what it does not know", async () => {
    for (const [path, status] of [
      ["/api/v1/message/nothing", 404],
      ["/api/v1/search", 400],
      ["/api/v1/search?query=subject:x", 400],
      ["/api/v1/search?query=to:a%20b", 400],
      ["/api/v1/info", 404],
      ["/nothing", 404],
    ])
      assert.equal((await inbox(path)).status, status, path);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      assert.equal((await inbox("", { method })).status, 405);
      assert.equal((await inbox("/api/v1/message/latest", { method })).status, 405);
    }
  });
});

describe("a hook", () => {
  const KEY = Buffer.alloc(24, 7);
  const calls = [];
  let server;
  let status = 200;
  const hook = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      calls.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  before(async () => {
    hook.listen(0, "127.0.0.1");
    await once(hook, "listening");
    server = await serve({
      variables: {
        HOOK_SEND_EMAIL_URI: `http://127.0.0.1:${hook.address().port}/send`,
        HOOK_SEND_EMAIL_SECRETS: `v1,whsec_${KEY.toString("base64")}`,
      },
    });
  });
  after(async () => {
    await server?.stop();
    hook.close();
  });

  const recover = async (name) => {
    const { client, email } = await signUp(server, name);
    ok(await client.auth.resetPasswordForEmail(email));
    const call = await until(() => calls.find(({ body }) => body.includes(email)), "call of the hook");
    return { ...call, email };
  };

  test("is called behind the response, and can believe who calls", async () => {
    const { headers, body, email } = await recover("mail-hook");
    const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const right = createHmac("sha256", KEY).update(signed).digest("base64");
    assert.equal(headers["webhook-signature"], `v1,${right}`);
    const { email_data, user } = JSON.parse(body);
    assert.deepEqual([email_data.recipient, user.email, email_data.email_action_type], [email, email, "recovery"]);
    const { token_hash } = email_data;
    ok(await clientOf(server).auth.verifyOtp({ type: "recovery", token_hash }));
  });

  test("that fails is called again by the clock", async () => {
    status = 500;
    const { headers, email } = await recover("mail-again");
    await until(() => server.logs().some((line) => line.includes('"outcome":"failed"')), "line in the log");
    status = 200;
    await server.kill();
    await server.database().execute("update auth_letters set due_at = 0");
    await server.restart();
    const answer = await fetch(`${server.url}/cdn-cgi/handler/scheduled`);
    assert.equal(answer.status, 200, await answer.text());
    const both = await until(() => {
      const found = calls.filter(({ body }) => body.includes(email));
      return found.length > 1 && found;
    }, "second call");
    assert.equal(both[1].headers["webhook-id"], headers["webhook-id"]);
    assert.equal(both.length, 2);
  });

  test("leaves no inbox", async () => {
    assert.equal((await fetch(`${server.url}/inbox`)).status, 404);
  });
});

describe("production", () => {
  let server;
  after(() => server?.stop());

  test("has no inbox, and does not start where nobody could ever be confirmed", async () => {
    server = await serve({ variables: { ENVIRONMENT: "production", MAILER_AUTOCONFIRM: "true" } });
    for (const path of ["", "/api/v1/messages", "/api/v1/search?query=to:a@b", "/api/v1/message/latest"])
      assert.equal((await fetch(`${server.url}/inbox${path}`)).status, 404, path);
    await server.stop();
    server = await serve({ variables: { ENVIRONMENT: "production", MAILER_AUTOCONFIRM: "false" } });
    const answer = await fetch(`${server.url}/auth/v1/health`);
    assert.equal(answer.status, 500);
    assert.equal((await answer.json()).error_code, "misconfigured");
    await until(() => server.logs().some((line) => line.includes("nothing sends mail")), "reason in the log");
  });
});

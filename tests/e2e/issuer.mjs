// A small issuer of OpenID Connect on this machine, with keys of its own, and a browser to walk between it and the Worker.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const base64url = (value) => Buffer.from(value).toString("base64url");

/**
 * Begins to serve. `person` are the claims of whoever sits in front of the browser, who agrees to everything;
 * `variables` are what the Worker needs to know; `idToken(claims)` signs one without a browser; `stop()` ends it.
 */
export async function serveIssuer(name = "acme") {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const client = { id: `client of ${name}`, secret: "a secret: with %, + and ü" };
  const issuer = { person: {}, codes: new Map(), client };
  const server = createServer((request, response) => {
    answer(issuer, request)
      .catch((error) => ({ status: 500, body: String(error) }))
      .then(({ status = 200, headers = {}, body = "" }) => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer.url = `http://127.0.0.1:${server.address().port}`;
  issuer.keys = [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "RS256" }];
  issuer.idToken = (claims) => {
    const now = Math.floor(Date.now() / 1000);
    const parts = [
      { alg: "RS256", kid: "one", typ: "JWT" },
      { iss: issuer.url, aud: client.id, iat: now, exp: now + 300, ...issuer.person, ...claims },
    ];
    const message = parts.map((part) => base64url(JSON.stringify(part))).join(".");
    return `${message}.${base64url(sign("sha256", Buffer.from(message), privateKey))}`;
  };
  const prefix = `EXTERNAL_${name.toUpperCase()}`;
  issuer.variables = {
    EXTERNAL_OIDC: name,
    [`${prefix}_URL`]: issuer.url,
    [`${prefix}_CLIENT_ID`]: client.id,
    [`${prefix}_SECRET`]: client.secret,
  };
  issuer.stop = () => server.close();
  return issuer;
}

async function answer(issuer, request) {
  const url = new URL(request.url, issuer.url);
  switch (url.pathname) {
    case "/.well-known/openid-configuration":
      return {
        body: {
          issuer: issuer.url,
          authorization_endpoint: `${issuer.url}/authorize`,
          token_endpoint: `${issuer.url}/token`,
          jwks_uri: `${issuer.url}/keys`,
        },
      };
    case "/keys":
      return { body: { keys: issuer.keys } };
    case "/authorize":
      return agree(issuer, Object.fromEntries(url.searchParams));
    case "/token":
      return redeem(issuer, request);
    default:
      return { status: 404 };
  }
}

function agree(issuer, sent) {
  assert.equal(sent.client_id, issuer.client.id);
  assert.deepEqual([sent.response_type, sent.code_challenge_method], ["code", "S256"]);
  const code = randomUUID();
  issuer.codes.set(code, sent);
  const back = new URL(sent.redirect_uri);
  back.searchParams.set("code", code);
  back.searchParams.set("state", sent.state);
  return { status: 302, headers: { location: back.href } };
}

async function redeem(issuer, request) {
  const chunks = await Array.fromAsync(request);
  const sent = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
  const [id, secret] = Buffer.from(request.headers.authorization.replace("Basic ", ""), "base64").toString().split(":");
  assert.deepEqual([id, secret].map(decodeURIComponent), [issuer.client.id, issuer.client.secret]);
  const asked = issuer.codes.get(sent.code);
  issuer.codes.delete(sent.code);
  if (!asked) return { status: 400, body: { error: "invalid_grant" } };
  assert.equal(sent.redirect_uri, asked.redirect_uri);
  assert.equal(createHash("sha256").update(sent.code_verifier).digest("base64url"), asked.code_challenge);
  const id_token = issuer.idToken({ nonce: asked.nonce });
  return { body: { access_token: `of ${asked.state}`, token_type: "Bearer", id_token } };
}

/** A browser: it follows redirects and keeps cookies for whom they are from, until it is led to the app. */
export class Browser {
  #cookies = new Map();

  async go(address, app) {
    for (let steps = 0; steps < 10; steps += 1) {
      if (address.startsWith(app)) return new URL(address);
      const { origin } = new URL(address);
      const cookie = this.#cookies.get(origin);
      const response = await fetch(address, { redirect: "manual", headers: cookie ? { cookie } : {} });
      const [set] = response.headers.getSetCookie();
      if (set) this.#cookies.set(origin, set.split(";")[0]);
      address = response.headers.get("location");
      if (address === null) return response;
    }
    throw new Error("led in circles");
  }
}

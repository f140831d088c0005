// The description of the API, read from a served Worker by a validator that knows nothing of Selvedge, and held
// against what the Worker answers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

import { serve } from "./support.mjs";

let server;
const callers = {};

before(async () => {
  server = await serve();
  const session = await ask("POST", "/auth/v1/token?grant_type=password", {
    body: { email: "ada@example.com", password: "selvedge-demo" },
  });
  callers.nobody = {};
  callers.anon = { apikey: server.anonKey };
  callers.ada = { apikey: server.anonKey, authorization: `Bearer ${session.json.access_token}` };
  callers.service = { apikey: server.serviceRoleKey };
});
after(() => server?.stop());

async function ask(method, target, { headers = {}, body } = {}) {
  const sent = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(target.startsWith("http") ? target : server.url + target, {
    method,
    headers: { ...sent, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text ? JSON.parse(text) : null };
}

const VERBS = ["get", "put", "post", "delete", "patch"];

/** An id of nobody and nothing. */
const NOBODY = "99999999-9999-4999-8999-999999999999";
const NOTHING_THERE = "nothing is at this address";

/** Every operation of a document, with the address that it is at. */
function operations(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    VERBS.filter((verb) => item[verb]).map((verb) => {
      const [{ url }] = item.servers ?? document.servers;
      return { verb, path, url: url + path.replaceAll(/\{\w+\}/g, NOBODY), operation: item[verb] };
    }),
  );
}

/** What a reference of the document leads to. */
function resolved(document, { $ref }) {
  const names = $ref.replace(/^#\//, "").split("/");
  const found = names.reduce((value, name) => value?.[name], document);
  assert.ok(found, `${$ref} leads nowhere`);
  return found;
}

/** Validates values by schemas of the document, as JSON Schema 2020-12 has them. */
function schemasOf(document) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats(ajv);
  // Of the OpenAPI Initiative's registry, which this library does not know.
  for (const format of ["int16", "decimal", "date-time-local", "time-local"]) ajv.addFormat(format, true);
  const id = "https://example.com/openapi.json";
  ajv.addSchema({ $id: id, components: document.components });
  return (schema, value) => {
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', `"${id}#/`)));
    return validate(value) ? null : ajv.errorsText(validate.errors);
  };
}

/** A value of a type that no row of the demo has. */
function strange({ type, format }) {
  if ([type].flat().includes("integer")) return 0;
  if (format === "date") return "2000-01-01";
  return format === "uuid" ? "00000000-0000-4000-8000-000000000000" : "nothing";
}

/** A request of which nothing comes: it means no row, or one that a constraint refuses. */
function harmless(document, path, verb, { parameters = [], requestBody }) {
  const all = parameters.map((one) => (one.$ref ? resolved(document, one) : one));
  const filters = all.filter((one) => one.schema.$ref?.endsWith("rest.Filter"));
  const schema = requestBody?.content["application/json"]?.schema;
  if (path.startsWith("/auth/")) return { query: "", body: schema && {} };
  const query = (pairs) => `?${pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&")}`;
  if (path.startsWith("/rpc/")) {
    const required = (schema?.required ?? []).map((name) => [name, strange(schema.properties[name])]);
    const given = all.filter((one) => one.required).map((one) => [one.name, strange(one.schema)]);
    return { query: query(given), body: schema && Object.fromEntries(required) };
  }
  if (verb === "put") {
    const { properties } = resolved(document, schema);
    const key = filters.map(({ name }) => [name, strange(properties[name])]);
    return { query: query(key.map(([name, value]) => [name, `eq.${value}`])), body: Object.fromEntries(key) };
  }
  const name = filters[0]?.name;
  const none = [[name, "is.null"], [name, "not.is.null"]];
  return { query: verb === "patch" || verb === "delete" ? query(none) : "", body: schema && {} };
}

for (const name of ["nobody", "anon", "ada", "service"]) {
  test(`what ${name} reads is valid OpenAPI 3.1`, async () => {
    const { status, headers, text, json } = await ask("GET", "/rest/v1/openapi.json", { headers: callers[name] });
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "application/json; charset=utf-8");
    assert.equal((await ask("GET", "/rest/v1/", { headers: callers[name] })).text, text);
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(json));
    assert.ok(valid, JSON.stringify(errors, null, 2));
    assert.equal(validator.version, "3.1");
    assert.deepEqual(json.servers, [{ url: `${server.url}/rest/v1` }]);
    // Each schema is one by itself, and every reference leads somewhere.
    const check = schemasOf(json);
    for (const schema of Object.keys(json.components.schemas)) check({ $ref: `#/components/schemas/${schema}` }, {});
    for (const [, reference] of text.matchAll(/"\$ref":"([^"]+)"/g)) resolved(json, { $ref: reference });
  });

  test(`what ${name} reads of is there, and answers as it says`, async () => {
    const { json } = await ask("GET", "/rest/v1/", { headers: callers[name] });
    const check = schemasOf(json);
    const all = operations(json);
    assert.ok(all.length >= (name === "nobody" || name === "anon" ? 8 : 35), `${all.length} operations`);
    for (const { verb, path, url, operation } of all) {
      // Signing out would end the session which the others need.
      if (path.endsWith("/logout")) continue;
      const { query, body } = harmless(json, path, verb, operation);
      const answer = await ask(verb.toUpperCase(), url + query, { headers: callers[name], body });
      const line = `${verb} ${path} for ${name}: ${answer.status} ${answer.text}`;
      // What is addressed by an id may be missing, and what a setting switches off is; an address may not.
      const isThere = answer.status !== 404 || (path.startsWith("/auth/") && answer.json.message !== NOTHING_THERE);
      assert.ok(isThere && answer.status !== 405, line);
      assert.doesNotMatch(answer.json?.message ?? "", /^permission denied/, line);
      const described = operation.responses[answer.status] ?? operation.responses.default;
      assert.ok(described, line);
      const { content } = described.$ref ? resolved(json, described) : described;
      if (answer.json !== null && content) {
        assert.equal(check(content["application/json"].schema, answer.json), null, line);
      }
    }
  });
}

test("a row goes in and comes out as its schemas say", async () => {
  const headers = callers.ada;
  const { json } = await ask("GET", "/rest/v1/", { headers });
  const check = schemasOf(json);
  const schema = (name) => ({ $ref: `#/components/schemas/${name}` });
  const [project] = (await ask("GET", "/rest/v1/projects?limit=1", { headers })).json;
  const task = { project_id: project.id, title: "Describe the selvedge", priority: 1, due: "2026-12-24", estimate: 1.5 };
  assert.equal(check(schema("tasks.insert"), task), null);
  const written = await ask("POST", "/rest/v1/tasks", {
    headers: { ...headers, prefer: "return=representation" },
    body: task,
  });
  assert.equal(written.status, 201, written.text);
  assert.equal(check(schema("tasks"), written.json[0]), null);
  // What a schema refuses, so does the Worker.
  for (const [wrong, code] of [
    [{ ...task, title: "x".repeat(201) }, "22001"],
    [{ ...task, due: "some day" }, "22007"],
    [{ ...task, priority: "high" }, "22P02"],
    [{ ...task, nothing: 1 }, "PGRST204"],
  ]) {
    assert.notEqual(check(schema("tasks.insert"), wrong), null, JSON.stringify(wrong));
    const { status, json } = await ask("POST", "/rest/v1/tasks", { headers, body: wrong });
    assert.deepEqual([status, json.code], [400, code]);
  }
  const member = { project_id: project.id, user_id: crypto.randomUUID(), role: "emperor" };
  assert.notEqual(check(schema("members.insert"), member), null);
  assert.equal((await ask("POST", "/rest/v1/members", { headers, body: member })).json.code, "23514");
});

test("accounts are asked and answer as their schemas say", async () => {
  const { json } = await ask("GET", "/rest/v1/", { headers: callers.service });
  const check = schemasOf(json);
  const described = (path, verb) => json.paths[`/auth/v1${path}`][verb];
  const body = (path, verb) => described(path, verb).requestBody.content["application/json"].schema;
  const answer = (path, verb) => described(path, verb).responses[200].content["application/json"].schema;
  const email = `described-${crypto.randomUUID()}@example.com`;
  const password = "a described password";
  let headers = { apikey: server.anonKey };
  async function exchange(path, sent, { at = path, verb = "post" } = {}) {
    if (sent) assert.equal(check(body(path, verb), sent), null, path);
    const answered = await ask(verb.toUpperCase(), `/auth/v1${at}`, { headers, body: sent });
    assert.equal(answered.status, 200, `${path}: ${answered.text}`);
    assert.equal(check(answer(path, verb), answered.json), null, path);
    return answered.json;
  }
  headers = callers.service;
  const user = await exchange("/admin/users", { email, password, email_confirm: true, user_metadata: { a: 1 } });
  await exchange("/admin/generate_link", { type: "recovery", email });
  headers = { apikey: server.anonKey };
  const session = await exchange("/token", { email, password }, { at: "/token?grant_type=password" });
  const { refresh_token } = session;
  await exchange("/token", { refresh_token }, { at: "/token?grant_type=refresh_token" });
  headers = { authorization: `Bearer ${session.access_token}` };
  await exchange("/user", { data: { a: 2, b: null } }, { verb: "put" });
  const factor = await exchange("/factors", { factor_type: "totp", friendly_name: "phone" });
  await exchange("/factors/{factor_id}/challenge", undefined, { at: `/factors/${factor.id}/challenge` });
  const own = await exchange("/user", undefined, { verb: "get" });
  assert.deepEqual([own.id, own.factors.length], [user.id, 1]);
  assert.equal((await exchange("/sessions", undefined, { verb: "get" })).length, 1);
  // What a schema refuses, so does the Worker.
  for (const [path, verb, wrong] of [
    ["/token", "post", { email, password: 1 }],
    ["/factors", "post", { factor_type: "carrier pigeon" }],
    ["/verify", "post", { type: "signup", token: "123456" }],
    ["/user", "put", { password: 12345678 }],
    ["/resend", "post", { email, type: "anything" }],
  ]) {
    assert.notEqual(check(body(path, verb), wrong), null, path);
    const query = path === "/token" ? "?grant_type=password" : "";
    const { status } = await ask(verb.toUpperCase(), `/auth/v1${path}${query}`, { headers, body: wrong });
    assert.equal(status, 400, path);
  }
});

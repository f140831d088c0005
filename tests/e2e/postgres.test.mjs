// A schema as PostgreSQL writes it on the real runtime: what D1 executes, what its columns hold, and what a sign-up
// answers whose trigger fails.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { projectOf, root } from "../../scripts/setup/project.mjs";
import { PASSWORD, clientOf, ok, refusal } from "./people.mjs";
import { serve } from "./support.mjs";

const file = (name) => fileURLToPath(new URL(`postgres/${name}`, import.meta.url));
const files = { schema: file("schema.sql"), policies: file("policies.sql") };
const project = () => projectOf({ SELVEDGE_SCHEMA: files.schema, SELVEDGE_POLICIES: files.policies });

let server;
let ann;

const signUp = (client, data) =>
  client.auth.signUp({ email: `${randomUUID()}@example.com`, password: PASSWORD, options: { data } });

before(async () => {
  server = await serve({ ...files, seed: null });
  const client = clientOf(server);
  ann = { client, id: ok(await signUp(client, { full_name: "Ann" })).user.id };
});
after(() => server?.stop());

describe("A sign-up and its trigger", () => {
  test("a profile is made of the user's metadata", async () => {
    const profile = ok(await ann.client.from("profiles").select("id, full_name, username").single());
    assert.deepEqual(profile, { id: ann.id, full_name: "Ann", username: null });
  });

  test("a sign-up whose trigger fails leaves nothing, and the same address can sign up again", async () => {
    const client = clientOf(server);
    const email = `${randomUUID()}@example.com`;
    const { data, error } = await client.auth.signUp({ email, password: PASSWORD });
    assert.equal(data.user, null);
    assert.equal(error.status, 500);
    // What the client does not tell of an answer with status 500.
    const response = await fetch(`${server.url}/auth/v1/signup`, {
      method: "POST",
      headers: { apikey: server.anonKey, "Content-Type": "application/json" },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    const body = await response.text();
    assert.deepEqual([response.status, JSON.parse(body).code], [500, "unexpected_failure"]);
    assert.doesNotMatch(body, /profiles|full_name|NULL/);
    const { error: unknown } = await client.auth.signInWithPassword({ email, password: PASSWORD });
    assert.equal(unknown.code, "invalid_credentials");
    const again = await client.auth.signUp({ email, password: PASSWORD, options: { data: { full_name: "Bob" } } });
    assert.equal(ok(again).user.email, email);
  });
});

describe("Columns", () => {
  test("defaults have the form of their types", async () => {
    const todo = ok(await ann.client.from("todos").insert({ task: "Weave" }).select().single());
    const { id, user_id, share_token, due, expires_at, inserted_at, ...others } = todo;
    assert.deepEqual(others, { task: "Weave", feeling: "happy", tags: [], data: {}, level: 2.5, priority: "low" });
    assert.deepEqual([id, user_id], [1, ann.id]);
    assert.match(share_token, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const day = 24 * 3600 * 1000;
    assert.ok(Math.abs(Date.parse(inserted_at) - Date.now()) < 60_000, inserted_at);
    assert.ok(Math.abs(Date.parse(expires_at) - Date.parse(inserted_at) - 30 * day) < 1000, expires_at);
    assert.ok(Math.abs(Date.parse(due) - Date.now() - 7 * day) <= day, due);
  });

  test("checks hold", async () => {
    const todos = ann.client.from("todos");
    for (const [row, expected] of [
      [{ task: "abc" }, "400 23514"],
      [{ task: "Weave", feeling: "angry" }, "400 23514"],
      [{ task: "Weave", priority: "middle" }, "400 23514"],
      [{ task: "Weave", tags: ["a", "b", "c"] }, "400 23514"],
      [{ task: "Weave", level: 9.5 }, "400 23514"],
      [{ task: "Weave", id: 7 }, "400 428C9"],
      [{ task: "Weave", user_id: randomUUID() }, "403 42501"],
    ])
      assert.equal(refusal(await todos.insert(row)), expected, JSON.stringify(row));
    const profile = (change) => ann.client.from("profiles").update(change).eq("id", ann.id);
    for (const username of ["ab", "Ann", "a b", ""]) assert.equal(refusal(await profile({ username })), "400 23514");
    ok(await profile({ username: "ann_1" }));
  });

  test("the service role has no id to fill in", async () => {
    const service = clientOf(server, server.serviceRoleKey);
    assert.equal(refusal(await service.from("todos").insert({ task: "Weave" })), "400 23502");
  });
});

test("--show-schema prints what the database has executed", async () => {
  const environment = { ...process.env, SELVEDGE_SCHEMA: files.schema, SELVEDGE_POLICIES: files.policies };
  const shown = spawnSync(process.execPath, ["scripts/build.mjs", "--show-schema"], {
    cwd: root,
    env: environment,
    encoding: "utf8",
  });
  assert.equal(shown.status, 0, shown.stderr);
  assert.equal(shown.stdout, readFileSync(project().translated, "utf8"));
  assert.match(shown.stdout, /create table if not exists todos \(\n {2}id integer primary key,/);
  await server.kill();
  const [objects] = await server.database().query("select sql from sqlite_master where name = 'todos' order by name");
  const normal = (sql) => sql.replace(/if not exists /i, "").replace(/^create table/i, "create table");
  const statement = shown.stdout.slice(shown.stdout.indexOf("create table if not exists todos"));
  assert.equal(normal(objects[0].sql), normal(statement.slice(0, statement.indexOf(");\n") + 1)));
});

test("the default project's schema is plain SQLite, and is executed byte for byte", () => {
  const shown = readFileSync(projectOf({}).translated, "utf8");
  assert.equal(shown, readFileSync(join(root, "schema.sql"), "utf8"));
});

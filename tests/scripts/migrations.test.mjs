import assert from "node:assert/strict";
import { test } from "node:test";

import { planChanges } from "../../scripts/database/apply.mjs";
import { reflect } from "../../scripts/database/reflect.mjs";

const auth = { name: "0001_auth.sql", sql: "create table auth_users (id text primary key)" };
const mail = { name: "0002_mail.sql", sql: "create table auth_mail (id text primary key);" };
const schema = { name: "schema.sql", sql: "create table posts (author text references auth_users (id))" };

test("a new database gets the migrations, their record and the schema", async () => {
  const { statements } = await planChanges({ objects: [], applied: [] }, [auth], schema);
  assert.match(statements[0], /^CREATE TABLE IF NOT EXISTS d1_migrations/);
  assert.deepEqual(statements.slice(1), [
    `${auth.sql}\n;`,
    "INSERT INTO d1_migrations(name) VALUES ('0001_auth.sql');",
    "CREATE TABLE posts (author text references auth_users (id));",
  ]);
});

test("only pending migrations run, and the tables of the others are no business of the schema's", async () => {
  const live = { objects: await reflect([auth, schema]), applied: [auth.name] };
  const { statements, notes, refusals } = await planChanges(live, [auth, mail], schema);
  assert.deepEqual(statements.slice(1), [mail.sql, "INSERT INTO d1_migrations(name) VALUES ('0002_mail.sql');"]);
  assert.deepEqual([notes, refusals], [[], []]);
});

test("a migration that was edited after it was applied is refused", async () => {
  const live = { objects: await reflect([auth, schema]), applied: [auth.name] };
  const edited = { ...auth, sql: "create table auth_users (id text primary key, email text)" };
  const { refusals } = await planChanges(live, [edited], schema);
  assert.match(refusals[0], /^table auth_users: .*edited after it was applied/);
});

test("rows in the schema are refused", async () => {
  const filling = { name: "schema.sql", sql: "create table tags (name text); insert into tags values ('x');" };
  await assert.rejects(planChanges({ objects: [], applied: [] }, [auth], filling), {
    message: "schema.sql inserts rows into tags.",
  });
});

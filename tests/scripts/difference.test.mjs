import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";

import { difference } from "../../scripts/database/difference.mjs";
import { OBJECTS_QUERY, ownObjects, reflect } from "../../scripts/database/reflect.mjs";

const objects = (sql) => reflect([{ name: "schema.sql", sql }]);

/** Changes a database from one schema to the other, and checks that nothing is left to be done. */
async function change(before, after, { rows = "" } = {}) {
  const database = new DatabaseSync(":memory:");
  database.exec(before);
  database.exec(rows);
  const live = () => ownObjects(database.prepare(OBJECTS_QUERY).all());
  const plan = difference(live(), await objects(after));
  if (plan.refusals.length === 0) {
    database.exec(plan.statements.join("\n"));
    const again = difference(live(), await objects(after));
    assert.deepEqual(again.statements, [], "a second application has nothing to do");
  }
  return { ...plan, database };
}

async function refused(before, after, reason) {
  const plan = await change(before, after);
  assert.equal(plan.refusals.length, 1);
  assert.match(plan.refusals[0], reason);
}

test("an empty database gets everything, in the order of the file", async () => {
  const schema =
    "create table b (id integer primary key); create index b_id on b (id); create table a (b references b); create view v as select * from a;";
  const { statements } = await change("", schema);
  assert.deepEqual(
    statements.map((statement) => statement.match(/^CREATE \w+ \w+/)[0]),
    ["CREATE TABLE b", "CREATE TABLE a", "CREATE INDEX b_id", "CREATE VIEW v"],
  );
});

test("white space, comments, quotes and the case of words are no change", async () => {
  const { statements } = await change(
    "create table t (id integer primary key, name text not null default 'A b', check (name <> ''))",
    "-- a table\nCREATE TABLE IF NOT EXISTS \"t\" (\n  ID integer primary key, -- its key\n  [name] TEXT NOT NULL DEFAULT 'A b',\n  CHECK (name<>'')\n)",
  );
  assert.deepEqual(statements, []);
});

test("the case of a string literal is a change", () =>
  refused("create table t (a text default 'x')", "create table t (a text default 'X')", /column a changed/));

test("a new column is added, wherever it stands in the file, and rows stay", async () => {
  const { database, statements } = await change(
    "create table t (id integer primary key, name text, unique (name))",
    "create table t (id integer primary key, done boolean not null default false check (done in (0, 1)), /* , */ name text, note text references t (name), unique (name))",
    { rows: "insert into t values (1, 'one')" },
  );
  assert.deepEqual(statements, [
    'ALTER TABLE "t" ADD COLUMN done boolean not null default false check (done in (0, 1));',
    'ALTER TABLE "t" ADD COLUMN note text references t (name);',
  ]);
  assert.deepEqual({ ...database.prepare("select * from t").get() }, { id: 1, name: "one", done: 0, note: null });
});

test("a virtual generated column can be added", async () => {
  const { statements } = await change(
    "create table t (a text)",
    "create table t (a text, b text generated always as (a || a) virtual)",
  );
  assert.equal(statements.length, 1);
});

test("what ALTER TABLE cannot add is refused, with the reason", async () => {
  const before = "create table t (a text)";
  await refused(before, "create table t (a text, b text not null)", /column b is new.*NOT NULL and without a DEFAULT/);
  await refused(before, "create table t (a text, b text not null default null)", /NOT NULL/);
  await refused(before, "create table t (a text, b text unique)", /UNIQUE/);
  await refused(before, "create table t (a text, b integer primary key)", /PRIMARY KEY/);
  await refused(before, "create table t (a text, b text default current_timestamp)", /expression/);
  await refused(before, "create table t (a text, b text default (uuid()))".replace("uuid()", "hex('')"), /expression/);
  await refused(before, "create table t (a text, b text as (a) stored)", /STORED/);
  await refused(before, "create table t (a text, b text default 'x' references t (a))", /REFERENCES/);
});

test("a changed, removed or differently constrained column is refused", async () => {
  const before = "create table t (a text, b text)";
  await refused(before, "create table t (a text)", /column b is gone/);
  await refused(before, "create table t (a text, b integer)", /column b changed/);
  await refused(before, "create table t (a text, b text, unique (a))", /constraints changed/);
  await refused(before, "create table t (a text, b text) strict", /STRICT/);
});

test("a changed view, index or trigger is made anew, a removed one dropped", async () => {
  const table = "create table t (a text, b text);";
  const { statements } = await change(
    `${table} create view v as select a from t; create index i on t (a); create index gone on t (b);
     create trigger r after insert on t begin delete from t where a = ';'; end;`,
    `${table} create view v as select a, b from t; create index i on t (a, b);
     create trigger r after insert on t begin delete from t where a = '; '; end;`,
  );
  assert.deepEqual(statements.slice(0, 4).sort(), [
    'DROP INDEX IF EXISTS "gone";',
    'DROP INDEX IF EXISTS "i";',
    'DROP TRIGGER IF EXISTS "r";',
    'DROP VIEW IF EXISTS "v";',
  ]);
  assert.equal(statements.length, 7);
});

test("a table that left the schema stays, with its rows and its indexes", async () => {
  const { statements, notes } = await change(
    "create table t (a text); create index i on t (a); create table kept (a text)",
    "create table kept (a text)",
  );
  assert.deepEqual(statements, []);
  assert.match(notes[0], /The table t is no longer in schema.sql/);
});

test("the tables behind a full-text index are SQLite's own", async () => {
  const schema = "create table notes_list (a text); create virtual table notes using fts5 (body)";
  assert.deepEqual(
    (await objects(schema)).map(({ name }) => name),
    ["notes_list", "notes"],
  );
  assert.deepEqual((await change(schema, schema)).statements, []);
  await refused(schema, schema.replace("body", "body, title"), /table notes: its definition changed/);
});

test("a broken schema is one message that names the file", async () => {
  await assert.rejects(objects("create tabel t (a text)"), { message: /^schema.sql: near "tabel": syntax error/ });
});

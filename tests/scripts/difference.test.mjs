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

const NOTES = "create table notes (id integer primary key, title text, body text);";
const SEARCH = (columns, prefix = "") => `
  create virtual table notes_search using fts5 (${columns}, content='notes', content_rowid='id'${prefix});
  create trigger notes_added after insert on notes begin
    insert into notes_search (rowid, ${columns}) values (new.id, new.${columns}); end;
  create trigger notes_gone after delete on notes begin
    insert into notes_search (notes_search, rowid, ${columns}) values ('delete', old.id, old.${columns}); end;`;
const ROWS = "insert into notes (title, body) values ('a cat', 'a dog'), ('a hen', 'a cat');";
const REBUILD = `INSERT INTO "notes_search" ("notes_search") VALUES ('rebuild');`;

const found = (database, text) => {
  database.exec("insert into notes_search (notes_search, rank) values ('integrity-check', 1)");
  const rows = database.prepare("select rowid from notes_search where notes_search match ?").all(text);
  return rows.map(({ rowid }) => rowid);
};

test("a full-text index over a table with rows is filled, and its triggers keep it", async () => {
  const { database, statements } = await change(NOTES, NOTES + SEARCH("title"), { rows: ROWS });
  assert.equal(statements.at(-1), REBUILD);
  assert.deepEqual(found(database, "cat"), [1]);
  database.exec("insert into notes (title) values ('two cat'); delete from notes where id = 1");
  assert.deepEqual(found(database, "cat"), [3]);
});

test("a full-text index of a new table need not be filled", async () => {
  const { statements } = await change("", NOTES + SEARCH("title"));
  assert.equal(statements.length, 4);
  assert.ok(!statements.includes(REBUILD));
});

test("a changed full-text index is made anew from the rows", async () => {
  const rows = ROWS;
  const other = await change(NOTES + SEARCH("title"), NOTES + SEARCH("body"), { rows });
  assert.deepEqual(found(other.database, "cat"), [2]);
  const prefix = await change(NOTES + SEARCH("title"), NOTES + SEARCH("title", ", prefix=2"), { rows });
  assert.deepEqual(found(prefix.database, "ca*"), [1]);
  assert.equal(prefix.statements.length, 3);
});

test("what was written while an index had no triggers is found once it has them", async () => {
  const [index] = SEARCH("title").split(";");
  const { database, statements } = await change(`${NOTES}${index};`, NOTES + SEARCH("title"), { rows: ROWS });
  assert.equal(statements.at(-1), REBUILD);
  assert.deepEqual(found(database, "hen"), [2]);
});

test("a full-text index that left the schema goes, for it has no texts of its own", async () => {
  const { database, notes } = await change(NOTES + SEARCH("title"), NOTES, { rows: ROWS });
  assert.deepEqual(notes, []);
  assert.throws(() => database.prepare("select * from notes_search"), /no such table/);
  assert.equal(database.prepare("select count(*) as count from notes").get().count, 2);
});

test("a full-text index stays with a table that left the schema, whose triggers need it", async () => {
  const { database, statements } = await change(NOTES + SEARCH("title"), "create table t (a text)", { rows: ROWS });
  assert.equal(statements.length, 1);
  database.exec("delete from notes where id = 1");
  assert.deepEqual(found(database, "cat"), []);
});

test("a table with rows is never taken for a full-text index", async () => {
  const table = `${NOTES} create table notes_search (title text);`;
  const [index] = SEARCH("title").split(";");
  await refused(table, `${NOTES}${index};`, /table notes_search: its definition changed/);
  await refused(`${NOTES}${index};`, table, /table notes_search: its definition changed/);
});

test("a column that is new together with its index is in it", async () => {
  const after = NOTES.replace("body text", "body text, tags text default 'cat'") + SEARCH("tags");
  const { database } = await change(NOTES, after, { rows: ROWS });
  assert.deepEqual(found(database, "cat"), [1, 2]);
});

test("a broken schema is one message that names the file", async () => {
  await assert.rejects(objects("create tabel t (a text)"), { message: /^schema.sql: near "tabel": syntax error/ });
});

// Brings a database up to what migrations/ and schema.sql say: all of it, or nothing.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

import { migrations } from "../setup/project.mjs";
import { Failure } from "../terminal/failure.mjs";
import { difference } from "./difference.mjs";
import { OBJECTS_QUERY, ownObjects, reflect, refuseRows } from "./reflect.mjs";
import { sameSql } from "./tokens.mjs";

/** wrangler's own record of migrations, so that `wrangler d1 migrations list` agrees with us. */
const RECORD =
  "CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);";

const EMPTY = { objects: [], applied: [] };

/**
 * Applies to `database` what it lacks of `schema`, which is SQLite's: the compiler's translation. `isNew` spares asking a database that does not exist yet; `seed` is run
 * together with the schema where the database had nothing. Returns notes for the reader.
 */
export async function applySchema(database, { schema, seed = null, isNew = false, advice }) {
  const live = isNew ? EMPTY : await read(database);
  const scripts = migrationScripts();
  const plan = await planChanges(live, scripts, script(schema));
  if (plan.refusals.length) {
    throw new Failure(
      `The database cannot follow the change of schema.sql:\n  ${plan.refusals.join("\n  ")}`,
      `Nothing was changed. ${advice}`,
    );
  }
  const isEmpty = live.objects.length === 0 && live.applied.length === 0;
  const statements = [...plan.statements, ...(isEmpty && seed ? [script(seed).sql] : [])];
  if (statements.length) await database.execute(inOneFile(statements));
  return { notes: plan.notes, changes: plan.statements.length, seeded: Boolean(isEmpty && seed) };
}

/** A statement per line; a closing line comment must not swallow the next statement. */
const inOneFile = (statements) => `${statements.join("\n")}\n`;

async function read(database) {
  const [, applied, objects] = await database.query(
    `${RECORD} SELECT name FROM d1_migrations ORDER BY id; ${OBJECTS_QUERY};`,
  );
  return { objects: ownObjects(objects), applied: applied.map(({ name }) => name) };
}

const script = (path) => ({ name: basename(path).replace(".staged", ""), sql: readFileSync(path, "utf8") });

function migrationScripts() {
  if (!existsSync(migrations)) return [];
  const names = readdirSync(migrations).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name) => script(join(migrations, name)));
}

/** Pending migrations run as written; what schema.sql makes is compared with what is there. */
export async function planChanges(live, migrations, schema) {
  const done = migrations.filter(({ name }) => live.applied.includes(name));
  const pending = migrations.filter(({ name }) => !live.applied.includes(name));
  const before = await reflect(done);
  const ours = names(await reflect(migrations));
  const wanted = (await reflect([...migrations, schema])).filter((object) => !ours.has(key(object)));
  await refuseRows(
    [...migrations, schema],
    wanted.filter(({ type }) => type === "table"),
  );
  const theirs = live.objects.filter((object) => !ours.has(key(object)) && !names(before).has(key(object)));
  const change = difference(theirs, wanted);
  const migrating = pending.flatMap(({ name, sql }) => [
    terminated(sql),
    `INSERT INTO d1_migrations(name) VALUES ('${name}');`,
  ]);
  return {
    notes: change.notes,
    refusals: [...editedMigrations(before, live.objects), ...change.refusals],
    statements: [...(migrating.length ? [RECORD, ...migrating] : []), ...change.statements],
  };
}

const key = ({ type, name }) => `${type} ${name.toLowerCase()}`;
const names = (objects) => new Set(objects.map(key));
const terminated = (sql) => (sql.trimEnd().endsWith(";") ? sql : `${sql}\n;`);

/** A migration that was applied must not be edited: the database would never learn of it. */
function editedMigrations(expected, live) {
  const present = new Map(live.map((object) => [key(object), object]));
  const differs = (object) => !present.has(key(object)) || !sameSql(present.get(key(object)).sql, object.sql);
  return expected
    .filter(differs)
    .map(
      ({ type, name }) =>
        `${type} ${name}: it is not as migrations/ describes it; a migration was edited after it was applied`,
    );
}

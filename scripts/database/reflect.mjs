// What a schema makes, as SQLite itself tells it. Only under a Node that has SQLite (see setup/packages.mjs).

import { Failure } from "../terminal/failure.mjs";

/** Tables that belong to SQLite, to Cloudflare, or to the record of migrations. */
const FOREIGN = /^(sqlite_|_cf_|d1_migrations$)/;

/** What is asked of every database, here and at Cloudflare. */
export const OBJECTS_QUERY =
  'SELECT type, name, tbl_name AS "table", sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid';

/** Runs the scripts in an empty database and returns the objects that they leave, in the order they were made. */
export async function reflect(scripts) {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(":memory:");
  try {
    for (const { name, sql } of scripts) execute(database, name, sql);
    return ownObjects(database.prepare(OBJECTS_QUERY).all());
  } finally {
    database.close();
  }
}

/** A schema describes; rows that it inserts would reach new databases only, so they have no place in it. */
export async function refuseRows(scripts, tables) {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(":memory:");
  for (const { name, sql } of scripts) execute(database, name, sql);
  const filled = tables.find(({ name }) =>
    database.prepare(`SELECT 1 FROM "${name.replaceAll('"', '""')}" LIMIT 1`).get(),
  );
  database.close();
  if (filled) throw new Failure(`${scripts.at(-1).name} inserts rows into ${filled.name}.`, "Rows belong in seed.sql.");
}

function execute(database, name, sql) {
  try {
    database.exec(sql);
  } catch (error) {
    throw new Failure(`${name}: ${error.message}`);
  }
}

/** Without what SQLite keeps for itself, among it the tables behind a full-text index. */
export function ownObjects(objects) {
  const virtual = objects.filter(isVirtual).map(({ name }) => `${name.toLowerCase()}_`);
  return objects.filter(({ name, sql }) => {
    if (FOREIGN.test(name)) return false;
    return (
      isVirtual({ sql }) || !virtual.some((prefix) => name.toLowerCase().startsWith(prefix) && isShadow(name, prefix))
    );
  });
}

const SHADOWS = new Set(["data", "idx", "content", "docsize", "config", "node", "parent", "rowid"]);
const isShadow = (name, prefix) => SHADOWS.has(name.slice(prefix.length).toLowerCase());
const isVirtual = ({ sql }) => /^\s*create\s+virtual\s+table/i.test(sql);

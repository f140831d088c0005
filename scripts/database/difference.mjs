// What must be done to a database so that it becomes what schema.sql says, without losing a row.

import { sameSql, tableParts } from "./tokens.mjs";

/**
 * Compares objects as `reflect` gives them. Returns statements in the order they must run, notes for the reader,
 * and refusals: changes that only a person can make. Where there is a refusal nothing must be run.
 */
export function difference(live, wanted) {
  const plan = { drops: [], tables: [], creations: [], notes: [], refusals: [] };
  const liveBy = byKey(live);
  const wantedBy = byKey(wanted);
  const wantedTables = new Set(wanted.filter(isTable).map(nameOf));
  for (const object of wanted) {
    const present = liveBy.get(keyOf(object));
    if (isTable(object)) changeTable(plan, present, object);
    else changeDerived(plan, present, object);
  }
  for (const object of live) {
    if (wantedBy.has(keyOf(object))) continue;
    if (isTable(object))
      plan.notes.push(
        `The table ${object.name} is no longer in schema.sql. It stays in the database with its rows, and is not served.`,
      );
    else if (object.type === "view" || wantedTables.has(object.table.toLowerCase())) plan.drops.push(drop(object));
  }
  const statements = [...plan.drops, ...plan.tables, ...plan.creations];
  return { statements, notes: plan.notes, refusals: plan.refusals };
}

const isTable = ({ type }) => type === "table";
const nameOf = ({ name }) => name.toLowerCase();
const keyOf = ({ type, name }) => `${type} ${name.toLowerCase()}`;
const byKey = (objects) => new Map(objects.map((object) => [keyOf(object), object]));
const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
const drop = ({ type, name }) => `DROP ${type.toUpperCase()} IF EXISTS ${quoted(name)};`;

/** Views, indexes and triggers hold no data of their own, so a changed one is made anew. */
function changeDerived(plan, present, wanted) {
  if (present && sameSql(present.sql, wanted.sql)) return;
  if (present) plan.drops.push(drop(present));
  plan.creations.push(`${wanted.sql};`);
}

function changeTable(plan, present, wanted) {
  if (!present) return void plan.tables.push(`${wanted.sql};`);
  if (sameSql(present.sql, wanted.sql)) return;
  const change = columnsToAdd(present.sql, wanted.sql);
  if (change.refusal) plan.refusals.push(`table ${wanted.name}: ${change.refusal}`);
  for (const source of change.additions ?? [])
    plan.tables.push(`ALTER TABLE ${quoted(wanted.name)} ADD COLUMN ${source};`);
}

function columnsToAdd(presentSql, wantedSql) {
  const present = tableParts(presentSql);
  const wanted = tableParts(wantedSql);
  if (!present || !wanted || /^\s*create\s+virtual/i.test(wantedSql)) return { refusal: "its definition changed" };
  const additions = [];
  for (const [name, column] of wanted.columns) {
    const before = present.columns.get(name);
    if (before && before.words.join(" ") !== column.words.join(" "))
      return { refusal: `the definition of column ${name} changed` };
    if (before) continue;
    const obstacle = obstacleToAdding(column.words);
    if (obstacle) return { refusal: `column ${name} is new, and SQLite cannot add a column ${obstacle}` };
    additions.push(column.source);
  }
  for (const name of present.columns.keys()) {
    if (!wanted.columns.has(name)) return { refusal: `column ${name} is gone from schema.sql` };
  }
  if (present.constraints.join("\n") !== wanted.constraints.join("\n")) return { refusal: "its constraints changed" };
  if (present.options !== wanted.options)
    return { refusal: "what follows its columns (STRICT, WITHOUT ROWID) changed" };
  return { additions };
}

/** The rules of SQLite's ALTER TABLE ADD COLUMN, for a table that may have rows. */
function obstacleToAdding(words) {
  const has = (...wanted) => words.some((_, at) => wanted.every((word, offset) => words[at + offset] === word));
  const value = words[words.indexOf("default") + 1];
  const hasDefault = words.includes("default") && value !== "null";
  if (has("primary", "key")) return "with PRIMARY KEY";
  if (has("unique")) return "with UNIQUE (a separate CREATE UNIQUE INDEX can be added)";
  if (has("stored")) return "that is GENERATED and STORED (VIRTUAL can be added)";
  if (has("not", "null") && !hasDefault && !has("as", "(")) return "with NOT NULL and without a DEFAULT";
  if (hasDefault && (value === "(" || value.startsWith("current_"))) return "whose DEFAULT is an expression";
  if (has("references") && hasDefault) return "with REFERENCES and a DEFAULT other than NULL";
  return null;
}

// What must be done to a database so that it becomes what schema.sql says, without losing a row.

import { indexedTable, sameSql, tableParts, tokens } from "./tokens.mjs";

/**
 * Compares objects as `reflect` gives them. Returns statements in the order they must run, notes for the reader,
 * and refusals: changes that only a person can make. Where there is a refusal nothing must be run.
 */
export function difference(live, wanted) {
  const plan = { drops: [], tables: [], creations: [], fills: [], notes: [], refusals: [] };
  const liveBy = byKey(live);
  const wantedBy = byKey(wanted);
  const wantedTables = new Set(wanted.filter(isTable).map(nameOf));
  for (const object of wanted) {
    const present = liveBy.get(keyOf(object));
    if (isDerived(object) && isDerived(present ?? object)) changeDerived(plan, present, object);
    else changeTable(plan, present, object);
  }
  fillFullTexts(plan, liveBy, wanted);
  for (const object of live) {
    if (wantedBy.has(keyOf(object))) continue;
    if (isFullText(object)) dropFullText(plan, wantedTables, object);
    else if (isTable(object))
      plan.notes.push(
        `The table ${object.name} is no longer in schema.sql. It stays in the database with its rows, and is not served.`,
      );
    else if (object.type === "view" || wantedTables.has(object.table.toLowerCase())) plan.drops.push(drop(object));
  }
  const statements = [...plan.drops, ...plan.tables, ...plan.creations, ...plan.fills];
  return { statements, notes: plan.notes, refusals: plan.refusals };
}

const isTable = ({ type }) => type === "table";
const nameOf = ({ name }) => name.toLowerCase();
const keyOf = ({ type, name }) => `${type} ${name.toLowerCase()}`;
const byKey = (objects) => new Map(objects.map((object) => [keyOf(object), object]));
const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
const drop = ({ type, name }) => `DROP ${type.toUpperCase()} IF EXISTS ${quoted(name)};`;

/** An index of full text over another table is a table to SQLite, and yet holds no texts of its own. */
const isFullText = ({ type, sql }) => type === "table" && indexedTable(sql) !== null;

const isDerived = (object) => !isTable(object) || isFullText(object);

/** Views, indexes and triggers hold no data of their own, so a changed one is made anew. */
function changeDerived(plan, present, wanted) {
  if (present && sameSql(present.sql, wanted.sql)) return;
  if (present) plan.drops.push(drop(present));
  plan.creations.push(`${wanted.sql};`);
}

/**
 * Full-text indexes are kept by triggers, which know nothing of the rows that are there already. So one is filled where
 * it or a trigger that names it is new, unless its table is.
 */
function fillFullTexts(plan, liveBy, wanted) {
  const isNew = (object) => !liveBy.has(keyOf(object)) || !sameSql(liveBy.get(keyOf(object)).sql, object.sql);
  const changed = wanted.filter(isNew);
  for (const index of wanted.filter(isFullText)) {
    if (!liveBy.has(`table ${indexedTable(index.sql)}`)) continue;
    const names = ({ type, sql }) => type === "trigger" && tokens(sql).includes(nameOf(index));
    if (changed.includes(index) || changed.some(names))
      plan.fills.push(`INSERT INTO ${quoted(index.name)} (${quoted(index.name)}) VALUES ('rebuild');`);
  }
}

/** A table that left the schema stays with its triggers, and those need their index. */
function dropFullText(plan, wantedTables, index) {
  if (wantedTables.has(indexedTable(index.sql))) plan.drops.push(drop(index));
}

function changeTable(plan, present, wanted) {
  if (!present) return void plan.tables.push(`${wanted.sql};`);
  if (sameSql(present.sql, wanted.sql)) return;
  const change = columnsToAdd(present.sql, wanted.sql);
  if (change.refusal) plan.refusals.push(`table ${wanted.name}: ${change.refusal}`);
  for (const source of change.additions ?? [])
    plan.tables.push(`ALTER TABLE ${quoted(wanted.name)} ADD COLUMN ${source};`);
}

const isVirtual = (sql) => /^\s*create\s+virtual/i.test(sql);

function columnsToAdd(presentSql, wantedSql) {
  const present = tableParts(presentSql);
  const wanted = tableParts(wantedSql);
  if (!present || !wanted || isVirtual(presentSql) || isVirtual(wantedSql)) return { refusal: "its definition changed" };
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

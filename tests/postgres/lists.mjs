// The lists of expressions and the sets of policies in tests/postgres/policies/.

import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { root } from "../../scripts/setup/project.mjs";

export const FOLDER = join(root, "tests", "postgres", "policies");

const read = (name) => readFileSync(join(FOLDER, name), "utf8");

/** One expression a line; `#` begins a comment. */
export function expressionsIn(name) {
  if (!existsSync(join(FOLDER, name))) return [];
  return read(name).split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

/** The lists of expressions, by name. */
export function expressionLists() {
  const files = globSync("expressions/*.txt", { cwd: FOLDER }).sort();
  return Object.fromEntries(files.map((file) => [basename(file, ".txt"), expressionsIn(file)]));
}

/** What the lists are written for; nothing while there is none. */
export function expressionWorld() {
  if (!existsSync(join(FOLDER, "expressions.schema.sql"))) return null;
  return {
    schema: read("expressions.schema.sql"),
    policies: read("expressions.policies.sql"),
    functions: existsSync(join(FOLDER, "expressions.functions.sql")) ? read("expressions.functions.sql") : "",
    rows: JSON.parse(read("expressions.rows.json")),
    people: JSON.parse(read("expressions.people.json")),
  };
}

const OPTIONAL = { functions: "functions.sql", postgres: "postgres.sql" };

/**
 * A set is a folder: schema.sql, policies.sql, functions.sql, rows.json, people.json, writes.json, postgres.sql
 * for PostgreSQL alone, and refused.txt where it must not build.
 */
export function policySet(folder) {
  const text = (name, otherwise) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : otherwise;
  };
  const set = { name: basename(folder), schema: text("schema.sql", ""), policies: text("policies.sql", "") };
  for (const [part, name] of Object.entries(OPTIONAL)) set[part] = text(name, "");
  const lines = text("refused.txt", "").split("\n").filter((line) => line !== "");
  const [rows, people, writes] = ["rows.json", "people.json", "writes.json"].map((name) => JSON.parse(text(name, "null")));
  return { ...set, rows: rows ?? {}, people: people ?? [], writes: writes ?? [], refused: lines };
}

/** The folders of all sets that have rows. */
export function policySets() {
  const files = globSync("tests/from_supabase/*/rows.json", { cwd: root }).sort();
  return files.map((file) => dirname(join(root, file)));
}

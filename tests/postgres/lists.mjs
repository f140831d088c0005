// The lists of expressions and the sets of policies in tests/postgres/policies/.

import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

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

const SECTION = /^-- (schema\.sql|policies\.sql|functions\.sql|rows\.json|rows|people\.json|people)\s*$/m;

/** A set in one file: `-- schema.sql`, `-- policies.sql`, `-- functions.sql`, `-- rows.json`, `-- people.json`. */
export function policySet(path) {
  const parts = readFileSync(path, "utf8").split(SECTION);
  const section = (name) => {
    const place = parts.findIndex((part, index) => index % 2 === 1 && part.replace(/\..*/, "") === name);
    return place < 0 ? null : parts[place + 1];
  };
  return {
    name: basename(path, ".sql"),
    schema: section("schema") ?? "",
    policies: section("policies") ?? "",
    functions: section("functions") ?? "",
    rows: JSON.parse(section("rows") ?? "{}"),
    people: JSON.parse(section("people") ?? "[]"),
  };
}

/** The files of all sets. */
export function policySets() {
  const patterns = ["tests/postgres/policies/*.sql", "tests/postgres/policies/sets/*.sql", "tests/from_supabase/*.sql"];
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
  return files.filter((file) => !basename(file).startsWith("expressions.")).map((file) => join(root, file));
}

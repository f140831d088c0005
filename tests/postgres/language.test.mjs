// Every operator, cast and function that the compiler says it supports is one of PostgreSQL's, of those types.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { WORDED } from "./fitting.mjs";
import { startJudge } from "./judge.mjs";
import { POSTGRES, supportedLanguage } from "./language.mjs";
import { startPostgres } from "./pglite.mjs";

/** What stands for the types that may be any. */
const CONCRETE = {
  anyarray: "int4[]", anycompatiblearray: "int4[]", anyelement: "int4", anycompatible: "int4", any: "int4",
};
const concrete = (type) => CONCRETE[type] ?? type;

/** The first argument of `extract`, which is no expression. */
const FIELD = "'day'";

/** Of those that convert through text, which have no entry in pg_cast. */
const isText = (type) => type === "text" || type === "varchar";

let postgres;
let supported;

before(async () => {
  postgres = await startPostgres();
  const judge = startJudge();
  supported = await supportedLanguage(judge);
  judge.close();
});

after(() => postgres?.close());

/** The entry applied to nulls of its types. */
function applied({ kind, name, arguments: types, result, variadic }) {
  const item = (type) => concrete(type).replace(/\[\]$/, "");
  // The last argument of a variadic function is repeated, here once, as some take pairs.
  const all = variadic ? [...types.slice(0, -1), item(types.at(-1)), item(types.at(-1))] : types;
  const operands = all.map((type) => `null::${concrete(type)}`);
  if (WORDED[name] && kind === "function") return WORDED[name](operands).join("").replace(/^extract\(null::text/, `extract(${FIELD}`);
  if (kind === "cast") return `(${operands[0]})::${result}`;
  if (kind === "function") return `${name}(${operands.join(", ")})`;
  return operands.length === 1 ? `${name} ${operands[0]}` : `${operands[0]} ${name} ${operands[1]}`;
}

/** Why PostgreSQL does not have the entry; nothing if it has. */
async function missing(entry) {
  const shown = applied(entry);
  try {
    const types = `prepare entry as select ${shown}; select result_types[1]::text from pg_prepared_statements; deallocate entry`;
    const [[type]] = (await postgres.exec(types, { rowMode: "array" })).at(-2).rows;
    const [[wanted]] = await postgres.rows(`select format_type('${concrete(entry.result)}'::regtype, null)`);
    if (type !== wanted) return `${shown} is ${type}, not ${wanted}`;
  } catch (error) {
    return `${shown}: ${error.message}`;
  }
  if (entry.kind !== "cast" || entry.context === undefined) return null;
  const [source, target] = [concrete(entry.arguments[0]), concrete(entry.result)];
  const [listed] = await postgres.rows(`select castcontext::text from pg_cast
    where castsource = '${source}'::regtype and casttarget = '${target}'::regtype`);
  const context = listed?.[0] ?? (isText(target) ? "a" : "e");
  return entry.context.startsWith(context) ? null : `${shown} is ${context}, not ${entry.context}`;
}

test("entries exist in PostgreSQL", async () => {
  const wrong = [];
  const language = supported?.language ?? POSTGRES;
  for (const entry of language) {
    const found = await missing(entry);
    if (found) wrong.push(found);
  }
  console.log(`${language.length} entries`);
  assert.deepEqual(wrong, []);
});

/** The tables of tests/language.rs, where the same examples are compiled. */
const TABLES = `
create table t (
  id bigint primary key not null, n integer, name text, ok boolean, owner uuid, at timestamptz,
  day date, data jsonb, tags text[], ids integer[]
);
create table other (id bigint primary key not null, t_id bigint, n integer, name text);
`;

test("examples of what is written by code are PostgreSQL's", async () => {
  await postgres.exec(TABLES);
  const wrong = [];
  for (const example of supported.constructs) {
    try {
      await postgres.exec(`prepare example as select 1 from t where ${example}; deallocate example`);
    } catch (error) {
      wrong.push(`${example}: ${error.message}`);
    }
  }
  assert.ok(supported.constructs.length > 50);
  assert.deepEqual(wrong, []);
});

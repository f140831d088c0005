// Writes of people, each undone: PostgreSQL by SQL under row-level security, Selvedge by its REST API.

import { claimsOf, identifier, moments, qualified, sent } from "./rows.mjs";
import { quote } from "./types.mjs";

/** The values of a row as expressions, and a record of those that are plain. */
function record(table, row) {
  const plain = Object.fromEntries(Object.entries(row).filter(([, value]) => moments(value) === null));
  const from = `jsonb_populate_record(null::${qualified(table)}, ${quote(JSON.stringify(plain))}::jsonb) sent`;
  const value = (name) => moments(row[name]) ?? `sent.${identifier(name)}`;
  return { from, value };
}

function condition(table, where) {
  const { from, value } = record(table, where);
  const terms = Object.keys(where).map((name) => `${qualified(table)}.${identifier(name)} = (select ${value(name)} from ${from})`);
  return terms.length > 0 ? ` where ${terms.join(" and ")}` : "";
}

/** A write as SQL. */
export function sqlOf(write) {
  if (write.insert) {
    const table = `public.${write.insert}`;
    const names = Object.keys(write.row);
    if (names.length === 0) return `insert into ${qualified(table)} default values`;
    const { from, value } = record(table, write.row);
    const columns = names.map(identifier).join(", ");
    return `insert into ${qualified(table)} (${columns}) select ${names.map(value).join(", ")} from ${from}`;
  }
  if (write.update) {
    const table = `public.${write.update}`;
    const { from, value } = record(table, write.set);
    const sets = Object.keys(write.set).map((name) => `${identifier(name)} = (select ${value(name)} from ${from})`);
    return `update ${qualified(table)} set ${sets.join(", ")}${condition(table, write.where)}`;
  }
  return `delete from ${qualified(`public.${write.delete}`)}${condition(`public.${write.delete}`, write.where)}`;
}

/** The same as a request. */
export function requestOf(write, people) {
  const person = people.findIndex(({ name }) => name === write.person);
  const values = (row) => JSON.stringify(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, sent(value)])));
  const filters = Object.entries(write.where ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${value === null ? "is.null" : `eq.${encodeURIComponent(sent(value))}`}`,
  );
  const target = encodeURIComponent(write.insert ?? write.update ?? write.delete);
  const query = filters.length > 0 ? `?${filters.join("&")}` : "";
  const method = write.insert ? "POST" : write.update ? "PATCH" : "DELETE";
  const body = write.insert ? values(write.row) : write.update ? values(write.set) : "";
  return { person, line: `${method} ${target}${query}`, body, prefer: "count=exact" };
}

/** How many rows were written, or the code of the error. */
export async function writtenByPostgres(postgres, write, people) {
  const person = people.find(({ name }) => name === write.person);
  await postgres.claim(claimsOf(person));
  await postgres.exec(`begin; set local role ${person.role}`);
  try {
    const results = await postgres.exec(sqlOf(write));
    // Deferred constraints are checked too.
    await postgres.exec("set constraints all immediate");
    return { rows: results.at(-1).affectedRows };
  } catch (error) {
    return { code: error.code, message: error.message };
  } finally {
    await postgres.exec("rollback");
  }
}

/** The same of an answer. */
export function writtenByOurs({ status, body, range }) {
  if (status >= 300) {
    const { code, message } = JSON.parse(body || "{}");
    return { code, message };
  }
  return { rows: Number(range?.split("/")[1] ?? NaN) };
}

/** An enum is a check constraint here, which is violated where PostgreSQL cannot read the value. */
const isEnum = ({ code, message }) => code === "22P02" && /enum/.test(message);

/**
 * Whether both wrote as many rows or were stopped by the same error. Where there is no policy, the role has the privilege
 * there and finds no rows, and has it not here.
 */
export function sameWrite(theirs, ours) {
  if (theirs.rows === 0 && ours.code === "42501") return true;
  if (theirs.code === undefined) return theirs.rows === ours.rows;
  return theirs.code === ours.code || (isEnum(theirs) && ours.code === "23514");
}

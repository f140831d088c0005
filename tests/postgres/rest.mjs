// Random reads of the REST dialect, each with the SQL that PostgREST documents for it:
// https://postgrest.org/en/stable/references/api/tables_views.html and aggregate_functions.html

import { text } from "./literals.mjs";
import { COLUMNS, baseOf, isArray, quote, valuesOf } from "./types.mjs";

const NAMES = Object.keys(COLUMNS);
const COMPARISONS = { eq: "=", neq: "<>", gt: ">", gte: ">=", lt: "<", lte: "<=" };
const PATTERNS = ["a*", "*b", "*a*", "_", "A_", "*", "", "ab", "a%b", "é*", "É*", "*日*", "a b", "\\\\"];
const EXPRESSIONS = ["^a", "b$", "a.*b", "^A", "^$", "a|b", "x", "^a.+"];
const CASTS = ["text", "integer", "bigint", "smallint", "numeric", "float8", "boolean", "date", "timestamp", "timestamptz", "time", "uuid", "jsonb", "varchar"];
const TESTS = { null: "null", not_null: "not null", true: "true", false: "false", unknown: "unknown" };
const PATHS = [["a"], ["b"], ["0"], ["-1"], ["a", "b"], ["tags", "0"]];

/** PostgreSQL's form of an array. */
function arrayText(items) {
  const item = (one) => (one === null ? "null" : `"${String(one).replaceAll(/(["\\])/g, "\\$1")}"`);
  return `{${items.map(item).join(",")}}`;
}

/** A value for a column, as text; seldom one that does not fit. */
function valueFor(type, random) {
  if (isArray(type)) return arrayText(random.pick(valuesOf(type)));
  return text(type, random);
}

/** A field: a column, or a path into JSON. `{ name, sql, type }`. */
function field(random) {
  const name = random.pick(NAMES);
  const type = baseOf(COLUMNS[name]);
  if (type !== "jsonb" || random.chance(0.3)) return { name, sql: name, type };
  const path = random.pick(PATHS);
  const isText = random.chance(0.6);
  const arrow = (place) => (isText && place === path.length - 1 ? "->>" : "->");
  const step = (one) => (/^-?\d+$/.test(one) ? one : quote(one));
  return {
    name: name + path.map((one, place) => arrow(place) + one).join(""),
    sql: `(${name}${path.map((one, place) => ` ${arrow(place)} ${step(one)}`).join("")})`,
    type: isText ? "text" : "jsonb",
  };
}

/** An operator with its value: `{ operator, value, sql, label }`. */
function test({ sql, type }, random) {
  const items = () => Array.from({ length: random.below(4) }, () => valueFor(type, random));
  const comparison = () => {
    const operator = random.pick(Object.keys(COMPARISONS));
    const value = valueFor(type, random);
    return { operator, value, sql: `${sql} ${COMPARISONS[operator]} ${quote(value)}` };
  };
  const quantified = () => {
    const operator = random.pick(["eq", "gt", "gte", "lt", "lte"]);
    const word = random.pick(["any", "all"]);
    const value = arrayText(items());
    return { operator: `${operator}(${word})`, value, sql: `${sql} ${COMPARISONS[operator]} ${word} (${quote(value)})` };
  };
  const pattern = () => {
    const operator = random.pick(["like", "ilike"]);
    const value = random.pick(PATTERNS);
    return { operator, value, sql: `${sql} ${operator} ${quote(value.replaceAll("*", "%"))}` };
  };
  const patterns = () => {
    const operator = random.pick(["like", "ilike"]);
    const word = random.pick(["any", "all"]);
    const value = arrayText([random.pick(PATTERNS), random.pick(PATTERNS)].map((one) => one.replaceAll("\\", "")));
    return { operator: `${operator}(${word})`, value, sql: `${sql} ${operator} ${word} (${quote(value.replaceAll("*", "%"))})` };
  };
  const expression = () => {
    const operator = random.pick(["match", "imatch"]);
    const value = random.pick(EXPRESSIONS);
    return { operator, value, sql: `${sql} ${operator === "match" ? "~" : "~*"} ${quote(value)}` };
  };
  const list = () => {
    const values = items();
    const value = `(${values.map((one) => `"${one.replaceAll(/(["\\])/g, "\\$1")}"`).join(",")})`;
    // PostgREST reads a list of one empty text as an empty list.
    const array = quote(values.length === 1 && values[0] === "" ? "{}" : arrayText(values));
    return { operator: "in", value, sql: `${sql} = any (${array})` };
  };
  const is = () => {
    const value = random.pick(type === "bool" ? Object.keys(TESTS) : ["null", "not_null"]);
    return { operator: "is", value, sql: `${sql} is ${TESTS[value]}` };
  };
  const distinct = () => {
    const value = valueFor(type, random);
    return { operator: "isdistinct", value, sql: `${sql} is distinct from ${quote(value)}` };
  };
  const contains = () => {
    const operator = random.pick(type === "jsonb" ? ["cs", "cd"] : ["cs", "cd", "ov"]);
    const value = valueFor(type, random);
    return { operator, value, sql: `${sql} ${{ cs: "@>", cd: "<@", ov: "&&" }[operator]} ${quote(value)}` };
  };
  const isText = type === "text" || type === "varchar";
  // PostgreSQL has no arrays of arrays to compare an array with.
  const lists = isArray(type) ? 0 : 2;
  const made = random.weighted([
    [5, comparison], [lists, quantified], [lists, list], [1, is], [1, distinct],
    [isText ? 5 : 0.1, pattern], [isText ? 2 : 0.05, patterns], [isText ? 2 : 0.05, expression],
    [isArray(type) || type === "jsonb" ? 4 : 0.05, contains],
  ])();
  return { ...made, label: `${type} ${made.operator}` };
}

/** A condition: `{ query, sql }`, where the query is `name=operator.value` or a group. */
function filter(random) {
  const one = () => {
    const of = field(random);
    return { of, ...test(of, random), negated: random.chance(0.2) };
  };
  const sqlOf = ({ sql, negated }) => (negated ? `not (${sql})` : `(${sql})`);
  const encode = encodeURIComponent;
  if (random.chance(0.7)) {
    const leaf = one();
    const { of, operator, value, negated } = leaf;
    const query = `${encode(of.name)}=${negated ? "not." : ""}${operator}.${encode(value)}`;
    return { query, sql: sqlOf(leaf), labels: [leaf.label] };
  }
  const leaves = Array.from({ length: random.below(2) + 2 }, one);
  const word = random.pick(["and", "or"]);
  const negated = random.chance(0.2);
  // Within a group, what has a meaning there stands in quotes; lists and what is in braces stand as they are.
  const quoted = ({ operator, value }) =>
    operator === "in" || (/\(|^(cs|cd|ov)$/.test(operator) && value.startsWith("{")) || /^\w+$/.test(value) ? value : `"${value.replaceAll(/(["\\])/g, "\\$1")}"`;
  const inner = leaves.map((leaf) => `${leaf.of.name}.${leaf.negated ? "not." : ""}${leaf.operator}.${quoted(leaf)}`);
  const sql = `(${leaves.map(sqlOf).join(` ${word} `)})`;
  return { query: `${negated ? "not." : ""}${word}=${encode(`(${inner.join(",")})`)}`, sql: negated ? `not ${sql}` : sql, labels: leaves.map(({ label }) => label) };
}

const labelsOf = (parts) => parts.flatMap(({ labels }) => labels);

function filters(random) {
  return Array.from({ length: random.weighted([[1, 0], [5, 1], [2, 2]]) }, () => filter(random));
}

function statement(columns, parts, tail = "") {
  const where = parts.length > 0 ? ` where ${parts.map(({ sql }) => sql).join(" and ")}` : "";
  return `select ${columns} from things${where}${tail}`;
}

/** `{ kind, query, sql, isOrdered, labels }` */
function filtering(random) {
  const parts = [...filters(random), filter(random)];
  const query = ["select=id", ...parts.map((one) => one.query)].join("&");
  return { kind: "filter", query, sql: statement("id", parts), labels: labelsOf(parts) };
}

function ordering(random) {
  const parts = random.chance(0.3) ? filters(random) : [];
  const terms = Array.from({ length: random.below(2) + 1 }, () => {
    const { name, sql, type } = field(random);
    const direction = random.pick(["", ".asc", ".desc"]);
    const nulls = random.pick(["", "", ".nullsfirst", ".nullslast"]);
    const words = `${direction.replace(".", " ")}${nulls.replace(".nulls", " nulls ")}`;
    return { query: `${name}${direction}${nulls}`, sql: `${sql}${words}`, labels: [`order by ${type}`] };
  });
  const order = `order=${encodeURIComponent([...terms.map(({ query }) => query), "id"].join(","))}`;
  const query = ["select=id", order, ...parts.map((one) => one.query)];
  const tail = ` order by ${[...terms.map(({ sql }) => sql), "id"].join(", ")}`;
  const limit = random.chance(0.3) ? random.below(5) + 1 : null;
  if (limit !== null) query.push(`limit=${limit}`);
  const limited = limit === null ? tail : `${tail} limit ${limit}`;
  const labels = labelsOf([...terms, ...parts]);
  return { kind: "order", query: query.join("&"), sql: statement("id", parts, limited), isOrdered: true, labels };
}

function casting(random) {
  const { name, sql, type } = field(random);
  const cast = random.chance(0.5) ? "text" : random.pick(CASTS);
  // Of one row at a time, so that a row that cannot be cast hides no other.
  const id = random.below(36) + 1;
  const query = `select=id,x:${encodeURIComponent(name)}::${cast}&id=eq.${id}`;
  return { kind: "cast", query, sql: `select id, cast(${sql} as ${cast}) as x from things where id = ${id}`, labels: [`cast ${type} to ${cast}`] };
}

function aggregating(random) {
  const parts = filters(random);
  const groups = random.chance(0.5) ? [random.pick(NAMES.filter((name) => name !== "id"))] : [];
  const measure = (place) => {
    const call = random.pick(["sum", "avg", "min", "max", "count"]);
    const name = random.pick(NAMES);
    const inner = random.chance(0.15) ? `::${random.pick(CASTS)}` : "";
    const outer = random.chance(0.15) ? `::${random.pick(["text", "integer", "numeric"])}` : "";
    const sql = `${call}(${inner ? `cast(${name} as ${inner.slice(2)})` : name})`;
    const labels = [`${call} ${COLUMNS[name]}${inner}${outer}`];
    return { query: `a${place}:${name}${inner}.${call}()${outer}`, labels, sql: `${outer ? `cast(${sql} as ${outer.slice(2)})` : sql} as a${place}` };
  };
  const measures = [measure(0), ...(random.chance(0.4) ? [{ query: "count()", sql: "count(*) as count", labels: [] }] : []), ...(random.chance(0.3) ? [measure(1)] : [])];
  const select = `select=${encodeURIComponent([...groups, ...measures.map(({ query }) => query)].join(","))}`;
  const tail = groups.length > 0 ? ` group by ${groups[0]}` : "";
  const columns = [...groups, ...measures.map(({ sql }) => sql)].join(", ");
  const query = [select, ...parts.map((one) => one.query)].join("&");
  const labels = [...groups.map((name) => `group by ${COLUMNS[name]}`), ...labelsOf([...measures, ...parts])];
  return { kind: "aggregate", query, sql: statement(columns, parts, tail), labels };
}

/** A read of the table `things`. */
export function read(random) {
  return random.weighted([[6, filtering], [2, ordering], [3, casting], [2, aggregating]])(random);
}


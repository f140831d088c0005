// Rows that are written once, as JSON, and stand in both databases.

import { quote } from "./types.mjs";

const identifier = (name) => `"${name.replaceAll('"', '""')}"`;
const qualified = (table) => table.split(".").map(identifier).join(".");

/** A value as the REST API is sent it. */
export function sent(value) {
  if (value?.$today !== undefined) return new Date(Date.now() + value.$today * 86_400_000).toISOString().slice(0, 10);
  if (value?.$now === undefined) return value;
  const units = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
  const [count, unit] = value.$now.split(" ");
  return new Date(Date.now() + Number(count) * units[unit.replace(/s$/, "")]).toISOString();
}

/** `{"$now": "-1 day"}` and `{"$today": 3}` are times from now on, so that they never pass. */
export function moments(value) {
  if (value?.$now !== undefined) return `now() + ${quote(value.$now)}::interval`;
  if (value?.$today !== undefined) return `current_date + ${Number(value.$today)}`;
  return null;
}

/** Inserts `{ table: [rows] }` without triggers and without a look at references. */
export async function insertRows(postgres, rows) {
  await postgres.exec("set session_replication_role = replica");
  for (const [table, list] of Object.entries(rows)) {
    for (const row of list) {
      const names = Object.keys(row);
      const plain = Object.fromEntries(Object.entries(row).filter(([, value]) => moments(value) === null));
      const values = names.map((name) => moments(row[name]) ?? `p.${identifier(name)}`);
      const record = `jsonb_populate_record(null::${qualified(table)}, ${quote(JSON.stringify(plain))}::jsonb) p`;
      const columns = names.map(identifier).join(", ");
      await postgres.exec(
        `insert into ${qualified(table)} (${columns}) overriding system value select ${values.join(", ")} from ${record}`,
      );
    }
  }
  await postgres.exec("set session_replication_role = origin");
}

const TIMES = {
  date: (sql) => `to_char(${sql}, 'YYYY-MM-DD')`,
  time: (sql) => `to_char(${sql}, 'HH24:MI:SS.US')`,
  timestamp: (sql) => `to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS.US')`,
  timestamptz: (sql) => `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')`,
};

/** An expression for the text of a value as SQLite is to hold it, and how that text is quoted. */
function stored(type, sql) {
  if (type.startsWith("_")) {
    const item = TIMES[type.slice(1)];
    const items = item ? `(select jsonb_agg(${item("x")} order by n) from unnest(${sql}) with ordinality as u(x, n))` : `to_jsonb(${sql})`;
    const text = `case when ${sql} is null then null else coalesce(${items}, '[]')::text end`;
    return { sql: text, literal: (value) => quote(JSON.stringify(JSON.parse(value))) };
  }
  switch (type) {
    case "bool":
      return { sql: `(${sql})::int::text`, literal: (value) => value };
    case "int2":
    case "int4":
    case "int8":
    case "float4":
    case "float8":
      return { sql: `${sql}::text`, literal: (value) => value };
    case "numeric":
      return { sql: `trim_scale(${sql})::text`, literal: (value) => value };
    case "json":
    case "jsonb":
      return { sql: `${sql}::text`, literal: (value) => quote(JSON.stringify(JSON.parse(value))) };
    case "bytea":
      return { sql: `encode(${sql}, 'hex')`, literal: (value) => `x'${value}'` };
    default:
      return { sql: TIMES[type]?.(sql) ?? `${sql}::text`, literal: quote };
  }
}

/** The tables of a schema with their columns' types and their keys: `{ name: { columns: { name: type }, key } }`. */
export async function tablesOf(postgres, schema = "public") {
  const tables = {};
  const columns = await postgres.rows(`
    select c.relname, a.attname, t.typname, a.attgenerated <> '' from pg_class c
    join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
    where c.relnamespace = ${quote(schema)}::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`);
  for (const [table, name, type, isGenerated] of columns) {
    tables[table] ??= { columns: {}, key: [], generated: [] };
    tables[table].columns[name] = type;
    if (isGenerated) tables[table].generated.push(name);
  }
  const keys = await postgres.rows(`
    select c.relname, a.attname from pg_index i join pg_class c on c.oid = i.indrelid
    cross join unnest(i.indkey) with ordinality as k(number, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
    where i.indisprimary and c.relnamespace = ${quote(schema)}::regnamespace order by c.relname, k.place`);
  for (const [table, name] of keys) tables[table]?.key.push(name);
  return tables;
}

/** SQL that inserts for SQLite what stands in PostgreSQL. */
export async function sqliteRows(postgres, tables) {
  let sql = "";
  for (const [table, { columns, generated }] of Object.entries(tables)) {
    const names = Object.keys(columns).filter((name) => !generated.includes(name));
    const forms = names.map((name) => stored(columns[name], identifier(name)));
    const rows = await postgres.rows(`select ${forms.map((form) => form.sql).join(", ")} from public.${identifier(table)}`);
    for (const row of rows) {
      const values = row.map((value, place) => (value === null ? "null" : forms[place].literal(value)));
      sql += `insert into ${identifier(table)} (${names.map(identifier).join(", ")}) values (${values.join(", ")});\n`;
    }
  }
  return sql;
}

/** A caller, as the judge takes it. */
export const claimsOf = ({ role, claims }) => ({
  uid: claims.sub ?? null,
  role,
  email: claims.email ?? null,
  jwt: claims,
});

export { identifier, qualified };

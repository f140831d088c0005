// What the compiler translates of PostgreSQL's DDL means the same in SQLite: the same rows are written into both.
// The translation lies beside the schema, where `cargo test --test compiler` holds it to what the compiler writes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";

import { PGlite } from "@electric-sql/pglite";

import { root } from "../../scripts/setup/project.mjs";

const read = (name) => readFileSync(join(root, "tests/compiler/accepted", name), "utf8");

let postgres;
let sqlite;

before(async () => {
  const written = read("postgres_oracle.sql").split("-- policies.sql")[0];
  postgres = new PGlite();
  await postgres.exec(`set time zone 'UTC'; ${written}`);
  sqlite = new DatabaseSync(":memory:");
  sqlite.exec(read("postgres_oracle.sqlite"));
});
after(() => postgres?.close());

/** A value of PostgreSQL as SQLite keeps it; `type` is PostgreSQL's name of the column's. */
function stored(value, type) {
  if (value === null) return null;
  if (type.endsWith("[]")) return JSON.stringify(JSON.parse(value));
  if (type === "boolean") return value === "true" ? 1 : 0;
  if (/int|numeric|double/.test(type)) return Number(value);
  return value;
}

/** How the text of a column is had from PostgreSQL in SQLite's form. */
function form(name, type) {
  const column = `"${name}"`;
  if (type.endsWith("[]")) return `to_jsonb(${column})::text`;
  if (type === "timestamp with time zone") return `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00')`;
  if (type === "timestamp without time zone") return `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
  if (type === "time without time zone") return `to_char(${column}, 'HH24:MI:SS.US')`;
  return `${column}::text`;
}

async function columnsOf(table) {
  const { rows } = await postgres.query(
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
     where attrelid = $1::regclass and attnum > 0 order by attnum`,
    [table],
  );
  return rows;
}

async function rowOf(table) {
  const columns = await columnsOf(table);
  const forms = columns.map(({ name, type }) => `${form(name, type)} as "${name}"`);
  const { rows } = await postgres.query(`select ${forms.join(", ")} from ${table} order by id desc limit 1`);
  return Object.fromEntries(columns.map(({ name, type }) => [name, stored(rows[0][name], type)]));
}

const ours = (table) => ({ ...sqlite.prepare(`select * from ${table} order by id desc limit 1`).get() });

describe("Defaults", () => {
  test("constants are the same", async () => {
    await postgres.exec("insert into defaults default values");
    sqlite.exec("insert into defaults default values");
    const [theirs, found] = [await rowOf("defaults"), ours("defaults")];
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    assert.match(theirs.a_uuid, uuid);
    assert.match(found.a_uuid, uuid);
    assert.equal(theirs.bytes, "\\x00ff");
    assert.deepEqual([...found.bytes], [0, 255]);
    for (const row of [theirs, found]) for (const name of ["a_uuid", "bytes"]) delete row[name];
    assert.equal(Object.keys(found).length, 23);
    assert.deepEqual(found, theirs);
  });

  test("times are the same, to the second", async () => {
    await postgres.exec("insert into times default values");
    sqlite.exec("insert into times default values");
    const [theirs, found] = [await rowOf("times"), ours("times")];
    assert.deepEqual(Object.keys(found), Object.keys(theirs));
    for (const [name, value] of Object.entries(theirs)) {
      assert.equal(String(found[name]).length, String(value).length, name);
      if (name === "id") continue;
      const zone = /[+]|^.{10}$/.test(value) ? "" : "Z";
      const apart = Math.abs(Date.parse(found[name] + zone) - Date.parse(value + zone));
      assert.ok(apart < 10_000 || apart === 86_400_000, `${name}: ${found[name]} ${value}`);
    }
  });
});

/** Values of each column: as PostgreSQL reads them, and as SQLite keeps them where that is another form. */
const same = (...values) => values.map((value) => [value, value]);
const arrays = (...values) => values.map((value) => [value && `{${value.map((one) => JSON.stringify(one)).join(",")}}`, value && JSON.stringify(value)]);
const VALUES = {
  name: same(null, "", "ab", "abc", "äöü", "äö", "   ", "😀😀", "😀😀😀"),
  padded: same(null, "", " ", "  a ", "\t", "a"),
  slug: same(null, "", "a-b", "A", "a_b", "a\n", "ä", "-", "0", "a b", "a]"),
  code: same(null, "", "A", "AB", "ABCD", "ABCDE", "ab", "A-", "1234"),
  free: same(null, "", "a b", "A", "a1", "a\n"),
  loose: same(null, "", "a-1", "A-C", "d", "D", "-", ".", "[", "_", "ç"),
  cut: same(null, "", "  ", " ab ", "  abc", "abcd", "a   "),
  status: same(null, "open", "Open", "it's closed", "closed", "", "open "),
  other: same(null, "x", "X", "y", "z", ""),
  level: same(null, 0, 1, 3, 4, -1),
  size: same(null, "S", "s", "XL", "M", ""),
  price: same(null, 0, 0.01, -1, 5),
  half: same(null, 1.5, 1.51, -3, 0),
  tags: arrays(null, [], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", ""]),
  marks: arrays(null, [], ["a"], ["a", "b"], ["a", "b", "c"]),
  data: same(null, "{}", "[]", "1", '"a"', "null", "true", '{"a": 1}'),
  scalar: same(null, "{}", "[]", "1", "1.5", '"a"', "null", "true", "false"),
  flag: [[null, null], [true, 1], [false, 0]],
  day: same(null, "2023-12-31", "2024-01-01", "2024-01-02"),
  at: same(null, "2023-12-31T23:59:59.999999+00:00", "2024-01-01T00:00:00.000000+00:00", "2024-01-01T00:00:00.000001+00:00"),
  mail: same(null, "a@example.com", "A@EXAMPLE.COM", "a@example.org", "@example.com", "example.com"),
  spot: same(null, 0, 1, 3),
  feeling: same(null, "happy", "Happy", "so so", "it's bad", "", "sad"),
};

describe("Checks", () => {
  test("every column has values", async () => {
    const names = (await columnsOf("checks")).map(({ name }) => name).filter((name) => name !== "id");
    assert.deepEqual(Object.keys(VALUES), names);
  });

  for (const [column, values] of Object.entries(VALUES)) {
    test(`${column} takes the same values`, async () => {
      const verdicts = [];
      for (const [theirs, mine] of values) {
        const sql = `insert into checks ("${column}") values`;
        const accepted = await postgres.query(`${sql} ($1)`, [theirs]).then(
          () => true,
          (error) => {
            // 23514 is a check, 22P02 a value that is none of an enum.
            assert.match(error.code, /^(23514|22P02)$/, `${column}: ${error.message}`);
            return false;
          },
        );
        let found = true;
        try {
          sqlite.prepare(`${sql} (?)`).run(mine);
        } catch (error) {
          assert.match(error.message, /CHECK constraint failed/);
          found = false;
        }
        assert.equal(found, accepted, `${column}: ${JSON.stringify(theirs)}`);
        verdicts.push(found);
      }
      assert.ok(verdicts.includes(true) && verdicts.includes(false), `${column} tells nothing apart`);
    });
  }
});

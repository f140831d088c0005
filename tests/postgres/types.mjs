// The types, each with values as PostgreSQL writes them and as SQLite holds them here.

/** A name and `name[]` for an array. */
export const isArray = (type) => type.endsWith("[]");
export const itemOf = (type) => type.slice(0, -2);

const days = (count) => new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);
const moment = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString().replace("Z", "").padEnd(26, "0");

/**
 * `declared`: how a column is declared in both databases. `values`: what a column holds, as text, in the form in which
 * SQLite holds it too. `literals`: further texts that PostgreSQL reads as a value of the type, and `wrong` ones that it
 * does not.
 */
export const TYPES = {
  bool: {
    declared: "boolean",
    values: ["true", "false"],
    literals: ["t", "f", "yes", "no", "on", "off", "1", "0", "TRUE", " true ", "fal"],
    wrong: ["", "2", "o", "truth"],
  },
  int2: {
    declared: "smallint",
    values: ["0", "1", "-1", "2", "7", "-32768", "32767"],
    literals: [" 3 ", "+4", "007"],
    wrong: ["", "32768", "1.5", "x"],
  },
  int4: {
    declared: "integer",
    values: ["0", "1", "-1", "2", "3", "10", "-7", "2147483647", "-2147483648"],
    literals: [" 3 ", "+4", "007", "0x10"],
    wrong: ["", "2147483648", "1.5", "x", "1e3"],
  },
  int8: {
    declared: "bigint",
    values: ["0", "1", "-1", "2", "5", "9007199254740993", "9223372036854775807", "-9223372036854775808"],
    literals: [" 3 ", "+4"],
    wrong: ["", "9223372036854775808", "1.5"],
  },
  numeric: {
    declared: "numeric",
    values: ["0", "1", "-1", "1.5", "-2.25", "0.1", "3", "10", "99999999999.9999", "0.000001", "2.5", "3.5"],
    literals: ["1.50", ".5", "5.", "1e2", " 2 "],
    wrong: ["", "x", "1,5"],
  },
  "numeric(10,2)": {
    base: "numeric",
    declared: "numeric(10,2)",
    values: ["0", "1", "-1", "1.5", "0.1", "12345678.99", "3", "0.05"],
  },
  float8: {
    declared: "double precision",
    values: ["0", "1", "-1", "1.5", "0.1", "-2.25", "3", "1e+15", "1e-05", "0.30000000000000004", "2.5", "123456789.125"],
    literals: ["1e2", ".5", " 2 "],
    wrong: ["", "x", "1e400"],
  },
  // What both single and double precision hold exactly.
  float4: {
    declared: "real",
    values: ["0", "1", "-1", "1.5", "-2.25", "0.5", "16777216", "3"],
    literals: ["1e2", ".5", " 2 "],
    wrong: ["", "x", "1e40"],
  },
  text: {
    declared: "text",
    values: ["", "a", "A", "b", "ab", "Ab", "abc", "a b", " a", "a ", "1", "10", "9", "true", "false", "t", "%", "a%", "_", "a_c", "\\", "é", "日本", "😀x", "it''s".replace("''", "'"), "2024-01-02", "null", "{}", "[1]", "x,y,z"],
    literals: [],
    wrong: [],
  },
  varchar: {
    declared: "varchar(8)",
    values: ["", "a", "A", "ab", "a ", "B", "1", "abcdefgh", "x,y", "é"],
    literals: [],
    wrong: [],
  },
  uuid: {
    declared: "uuid",
    values: [
      "00000000-0000-0000-0000-000000000000",
      "11111111-1111-4111-8111-111111111111",
      "22222222-2222-4222-8222-222222222222",
      "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
      "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ],
    literals: [
      "AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA",
      "{11111111-1111-4111-8111-111111111111}",
      "11111111111141118111111111111111",
    ],
    wrong: ["", "x", "11111111-1111-4111-8111-11111111111"],
  },
  date: {
    declared: "date",
    values: ["2024-01-02", "2024-02-29", "1999-12-31", "2000-01-01", "0001-01-01", "9999-12-31", days(0), days(-3), days(-8), days(1), days(40)],
    literals: ["20240102", "Jan 2, 2024", "2024-1-2", "today", "yesterday", "tomorrow", "epoch", "2024-01-02 03:04:05", " 2024-01-02 "],
    wrong: ["", "2023-02-29", "2024-13-01", "x"],
  },
  time: {
    declared: "time",
    values: ["00:00:00.000000", "23:59:59.999999", "12:30:00.000000", "03:04:05.678901", "12:30:00.500000"],
    literals: ["12:30", "3:04:05", "12:30:00.5", "04:05 PM", "24:00"],
    wrong: ["", "25:00", "x"],
  },
  timestamp: {
    declared: "timestamp",
    values: ["2024-01-02T03:04:05.000000", "2024-01-02T03:04:05.678901", "1999-12-31T23:59:59.999999", "2024-02-29T00:00:00.000000", "9999-12-31T23:59:59.999999", moment(-5), moment(-49), moment(2)],
    literals: ["2024-01-02", "2024-01-02 03:04", "2024-01-02 03:04:05+02", "now", "today", "epoch"],
    wrong: ["", "x", "2024-01-02 25:00"],
  },
  timestamptz: {
    declared: "timestamptz",
    values: ["2024-01-02T03:04:05.000000+00:00", "2024-01-02T03:04:05.678901+00:00", "1999-12-31T23:59:59.999999+00:00", "2024-02-29T00:00:00.000000+00:00", "9999-12-31T23:59:59.999999+00:00", `${moment(-5)}+00:00`, `${moment(-49)}+00:00`, `${moment(2)}+00:00`],
    literals: ["2024-01-02", "2024-01-02 03:04:05+02", "2024-01-02T03:04:05Z", "now", "today", "yesterday", "epoch", "2024-01-02 03:04:05 UTC"],
    wrong: ["", "x", "2024-02-30"],
  },
  interval: {
    values: ["0", "1 day", "-1 day", "7 days", "1 month", "1 year", "1 hour", "5 minutes", "30 days", "1 day 02:03:04", "24 hours", "1.5 days", "90 minutes", "1 mon -1 day"],
    literals: ["P1D", "1 week", "2 weeks", "3 days ago", "1:30", "1h", "'1d'".replaceAll("'", ""), "1 decade"],
    wrong: ["", "x", "1 fortnight ago x"],
  },
  jsonb: {
    declared: "jsonb",
    values: ['{}', '[]', 'null', 'true', 'false', '1', '"a"', '""', '{"a":1}', '{"a":"1","b":true}', '{"b":1,"a":2}', '{"a":2,"b":1}', '[1,2,3]', '["a","b"]', '{"a":null}', '{"a":{"b":[1,{"c":"x"}]}}', '[1.0]', '{"n":1.50}', '{"tags":["a","b"]}', '[[1],[2]]', '10', '{"a":true}', '{"a":"true"}'],
    literals: [' {"a" : 1} ', '{"a":1,"a":2}', '[1, 2]', '1e1', '"\\u0061"'],
    wrong: ["", "{", "x", "{'a':1}"],
  },
  json: {
    declared: "json",
    values: ['{}', '[]', 'null', 'true', '1', '"a"', '{"a":1}', '{"b":1,"a":2}', '[1,2,3]', '{"a":{"b":[1,{"c":"x"}]}}', '{"a":"true"}', '{"a":null}'],
    literals: [],
    wrong: ["", "{", "x"],
  },
  bytea: {
    declared: "bytea",
    values: ["\\x", "\\x00", "\\x61", "\\xdeadbeef", "\\x6162"],
    literals: ["ab", "\\\\", "\\141"],
    wrong: ["\\x1", "\\xzz"],
  },
};

/** What an array's column holds, as JSON. */
const ARRAYS = {
  "text[]": [[], ["a"], ["a", "b"], ["b", null], [null], ["a", "a"], ["A"], ["x,y"], ["1", "2"], ["a b", ""], ["true"]],
  "int4[]": [[], [1], [1, 2], [2, null], [null], [3, 3], [10, 9], [-1], [2147483647]],
  "int8[]": [[], [1], [1, 2], [null], [5]],
  "uuid[]": [[], ["11111111-1111-4111-8111-111111111111"], ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"], [null]],
  "bool[]": [[], [true], [true, false], [null]],
  "float8[]": [[], [1.5], [0.1, 2], [null]],
  "numeric[]": [[], [1.5], [0.1, 2], [null]],
  "date[]": [[], ["2024-01-02"], ["2024-01-02", "1999-12-31"], [null]],
  "timestamptz[]": [[], ["2024-01-02T03:04:05.000000+00:00"], [null]],
};

/** The types that a column of the generated table has, and its columns of each. */
export const COLUMNS = {
  id: "int4",
  ...Object.fromEntries(
    Object.entries({
      b: "bool", s: "int2", i: "int4", l: "int8", n: "numeric", f: "float8", t: "text", v: "varchar", u: "uuid",
      d: "date", h: "time", p: "timestamp", z: "timestamptz", j: "jsonb", y: "bytea", ta: "text[]", ia: "int4[]", ua: "uuid[]",
    }).flatMap(([name, type]) => [[`${name}1`, type], [`${name}2`, type]]),
  ),
  n3: "numeric(10,2)", g1: "float4", g2: "float4", k1: "json", la1: "int8[]", ba1: "bool[]", fa1: "float8[]", na1: "numeric[]", da1: "date[]", za1: "timestamptz[]",
};

export const quote = (text) => `'${text.replaceAll("'", "''")}'`;

/** How a column of a type is declared, in both. */
export const declared = (type) => (isArray(type) ? `${TYPES[itemOf(type)].declared}[]` : TYPES[type].declared);

/** The type without its modifier. */
export const baseOf = (type) => TYPES[type]?.base ?? type;

/** Some of a type's values: text, or a list for an array. */
export const valuesOf = (type) => ARRAYS[type] ?? (isArray(type) ? [[]] : TYPES[type].values);

/** A value as a PostgreSQL literal with its type. */
export function postgresLiteral(type, value) {
  if (value === null) return `null::${type}`;
  if (!isArray(type)) return `${quote(String(value))}::${type}`;
  const items = value.map((item) => (item === null ? "null" : postgresLiteral(itemOf(type), item)));
  return `array[${items.join(",")}]::${type}`;
}

/** A value as SQLite holds it. */
export function sqliteLiteral(type, value) {
  if (value === null) return "null";
  if (isArray(type)) return quote(JSON.stringify(value));
  switch (baseOf(type)) {
    case "bool":
      return value === "true" ? "1" : "0";
    case "int8":
      // SQLite reads the digits of the least integer as a REAL.
      return value === "-9223372036854775808" ? "(-9223372036854775807 - 1)" : value;
    case "int2":
    case "int4":
    case "numeric":
    case "float4":
    case "float8":
      return value;
    case "bytea":
      return `x'${value.slice(2)}'`;
    default:
      return quote(value);
  }
}

// What is known to differ from PostgreSQL in reading, storing and showing values, and why. The table in docs/values.md
// is made from this list, and the test fails when one of these differences is gone.
//
// A case is `{ table, token, text, expected, actual }`: a literal as JSON and as a text, and what both sides made of it:
// `shown`, or `state` and `message`.

const MOMENTS = ["tstz", "ts", "dt"];
const TIMES = [...MOMENTS, "tm"];
const NUMERICS = ["num", "num52", "num1510", "numneg", "nums"];
const ARRAYS = ["txts", "ints", "nums", "bools", "dates"];

const TIME = String.raw`(\d{1,2}:\d{1,2}(:\d{1,2}(\.\d*)?)?|\d{4}|\d{6}(\.\d*)?)(\s*[ap]m)?`;
const ZONE = String.raw`(\s*(z|utc|gmt|[-+]\d{1,2}(:?\d{2})?(:\d{2})?))?`;
/** What is promised to be read. */
const ISO_TIME = new RegExp(`^\\s*${TIME}${ZONE}\\s*$`, "i");
const ISO_MOMENT = new RegExp(`^\\s*(\\d{4}[-/]\\d{1,2}[-/]\\d{1,2}|\\d{8})((t|\\s+)${TIME})?${ZONE}\\s*$`, "i");

const isIn = (tables) => (difference) => tables.includes(difference.table);
const isRejected = ({ expected, actual }) => "shown" in expected && "state" in actual;
const areRejected = ({ expected, actual }) => "state" in expected && "state" in actual;
const areShown = ({ expected, actual }) => "shown" in expected && "shown" in actual;
const all = (...tests) => (difference) => tests.every((test) => test(difference));

/** Numbers in a JSON text without zeros at the end of a fraction. */
const withoutZeros = (json) => json.replace(/(-?\d+)\.(\d*?)0+(?![\d.])/g, (_, whole, kept) => (kept ? `${whole}.${kept}` : whole));

/** JSON with its members in order and without white space; the text of numbers stays. */
function canonical(json) {
  const numbers = [];
  const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => {
    if (token.startsWith('"')) return JSON.stringify(` ${JSON.parse(token)}`);
    return JSON.stringify(`#${numbers.push(token) - 1}`);
  });
  const sorted = (value) => {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
  };
  return JSON.stringify(sorted(JSON.parse(marked))).replace(/"#(\d+)"/g, (_, place) => numbers[place]);
}

/** Values that are the same for reasons which are no difference: microseconds are always written here. */
export function isSame(table, expected, actual) {
  const shortened = (shown) => shown.replace(/(\d\d:\d\d:\d\d)\.(\d*?)0+(?!\d)/g, (_, time, kept) => (kept ? `${time}.${kept}` : time));
  return TIMES.includes(table) ? shortened(expected) === shortened(actual) : expected === actual;
}

export const DIFFERENCES = [
  {
    id: "fifteen digits",
    types: "numeric",
    example: "0.30000000000000004",
    postgres: "stored with all digits",
    here: "22003, with a hint",
    reason: "SQLite has no decimal numbers: a double holds 15 digits exactly, and integers have 64 bits. What cannot be returned as it was sent is rejected.",
    holds: all(isIn(NUMERICS), isRejected, ({ actual }) => actual.state === "22003" && /is out of range/.test(actual.message)),
  },
  {
    id: "zeros",
    types: "numeric, numeric[]",
    example: "1.50",
    postgres: "1.50",
    here: "1.5",
    reason: "Zeros at the end are stored only as a declared scale: a numeric(10, 2) returns 1.50.",
    holds: all(isIn(["num", "nums"]), areShown, ({ expected, actual }) => withoutZeros(expected.shown) === withoutZeros(actual.shown)),
  },
  {
    id: "exponents in arrays",
    types: "numeric[]",
    example: "{5.43e-33}",
    postgres: "33 zeros",
    here: "5.43e-33",
    reason: "Equal arrays are equal texts, so a number has one form, which has an exponent where there would be more than 20 zeros.",
    holds: all(isIn(["nums"]), areShown, ({ expected, actual }) => /e/.test(actual.shown) && JSON.stringify(JSON.parse(expected.shown)) === JSON.stringify(JSON.parse(actual.shown))),
  },
  {
    id: "not a number",
    types: "double precision, real, numeric",
    example: "NaN, Infinity",
    postgres: "stored",
    here: "22P02, with a hint",
    reason: "SQLite stores NaN as null, and JSON has no number for either.",
    holds: all(isIn(["float8", "float4", ...NUMERICS]), ({ text, actual }) => /^\s*[-+]?(nan|inf(inity)?)\s*$/i.test(text) && actual.state === "22P02"),
  },
  {
    id: "hexadecimal double",
    types: "double precision, real",
    example: "0x1F",
    postgres: "31",
    here: "22P02",
    reason: "The hexadecimal form of floating-point numbers is not read.",
    holds: all(isIn(["float8", "float4"]), isRejected, ({ text }) => /^\s*[-+]?0x/i.test(text)),
  },
  {
    id: "last digit",
    types: "double precision, real",
    example: "1e23",
    postgres: "9.999999999999999e+22",
    here: "1e+23",
    reason: "Of several shortest texts that read back as the same double SQLite may write another than PostgreSQL; the number is the same.",
    holds: all(isIn(["float8"]), areShown, ({ expected, actual }) => Number(expected.shown) === Number(actual.shown) && Number(actual.shown) !== 0 && actual.shown.length <= expected.shown.length),
  },
  {
    id: "negative zero",
    types: "double precision, real",
    example: "-0",
    postgres: "-0",
    here: "0",
    reason: "SQLite stores zero without a sign. The two are equal in PostgreSQL too.",
    holds: all(isIn(["float8", "float4"]), areShown, ({ expected, actual }) => expected.shown === "-0" && actual.shown === "0"),
  },
  {
    id: "single precision",
    types: "real",
    example: "123456789012345",
    postgres: "1.2345679e+14",
    here: "123456789012345",
    reason: "SQLite has no numbers of single precision: a real is a double precision. It has the digits that went in, and compares with all of them.",
    holds: all(isIn(["float4"]), areShown, ({ expected, actual }) => Math.fround(Number(expected.shown)) === Math.fround(Number(actual.shown))),
  },
  {
    id: "single precision range",
    types: "real",
    example: "1e308",
    postgres: "22003",
    here: "stored",
    reason: "As above.",
    holds: all(isIn(["float4"]), ({ expected, actual }) => expected.state === "22003" && "shown" in actual),
  },
  {
    id: "infinity",
    types: "timestamptz, timestamp, date",
    example: "infinity",
    postgres: "stored",
    here: "22008, with a hint",
    reason: "Times are stored as text that SQLite's functions read, and they know no infinity. Null says it as well.",
    holds: all(isIn(MOMENTS), isRejected, ({ text, actual }) => /infinity/i.test(text) && actual.state === "22008"),
  },
  {
    id: "years",
    types: "timestamptz, timestamp, date",
    example: "10000-01-01, 0044-03-15 BC",
    postgres: "stored",
    here: "22008, with a hint",
    reason: "Stored texts compare as times only with four digits of a year.",
    holds: all(isIn([...MOMENTS, "dates"]), isRejected, ({ expected, actual }) => actual.state === "22008" && /BC|"[^"]*\d{5}-/.test(expected.shown)),
  },
  {
    id: "zone names",
    types: "timestamptz, timestamp, date, time",
    example: "2026-11-22 10:00 Europe/Berlin",
    postgres: "read by its table of time zones",
    here: "22007, with a hint",
    reason: "The table of time zones is larger than the Worker, and it changes. Write the offset.",
    holds: all(isIn(TIMES), isRejected, ({ text, actual }) => /[a-z]{3}/i.test(text) && /time zone's name/.test(actual.hint)),
  },
  {
    id: "other forms of dates",
    types: "timestamptz, timestamp, date",
    example: "Feb 28, 2026, 1/2/2026, J2451187, 2026-326",
    postgres: "read, by DateStyle",
    here: "22007, with a hint",
    reason: "Only ISO 8601 is read, which means the same everywhere.",
    holds: all(isIn([...MOMENTS, "dates"]), ({ text, actual }) => actual.state === "22007" && !/^\s*\d{4,}-\d+-\d+/.test(text)),
  },
  {
    id: "lenient separators",
    types: "timestamptz, timestamp, date, time",
    example: "10:, T10:00, 2026--02-18",
    postgres: "read as 10:00:00",
    here: "22007",
    reason: "PostgreSQL skips signs that it does not expect.",
    holds: all(isIn([...TIMES, "dates"]), isRejected, ({ table, text, actual }) => ["22007", "22008"].includes(actual.state) && !(table === "tm" ? ISO_TIME : ISO_MOMENT).test(text)),
  },
  {
    id: "space for plus",
    types: "timestamptz, timestamp, date, time",
    example: "2026-11-22T10:00:00 01:00",
    postgres: "22007",
    here: "read as +01:00",
    reason: "A plus that was not escaped arrives as a space in a query string.",
    holds: all(isIn(TIMES), ({ text, expected, actual }) => / \d{1,3}(:?\d\d)?(:\d\d)?\s*$/.test(text) && "state" in expected && "shown" in actual),
  },
  {
    id: "compact times with an offset",
    types: "timestamptz, timestamp, date",
    example: "20250703T224535-06:00",
    postgres: "22007",
    here: "read",
    reason: "PostgreSQL reads the same text with +06:00.",
    holds: all(isIn(MOMENTS), ({ text, expected, actual }) => /T\d{4,6}(\.\d*)?-/i.test(text) && "state" in expected && "shown" in actual),
  },
  {
    id: "which error of a date",
    types: "timestamptz, timestamp, date, time",
    example: "22.11.2026",
    postgres: "22008",
    here: "22007",
    reason: "A text with more than one fault is rejected for the other one.",
    holds: all(isIn([...TIMES, "dates"]), areRejected, ({ expected, actual }) => [expected.state, actual.state].every((state) => /^2200[789]$|^22023$/.test(state))),
  },
  {
    id: "which error of bytes",
    types: "bytea",
    example: "\\\\xzz",
    postgres: "22023",
    here: "22P02",
    reason: "Bytes that are no hexadecimal digits are a value that does not parse, like any other.",
    holds: all(isIn(["bin"]), areRejected, ({ expected, actual }) => expected.state === "22023" && actual.state === "22P02"),
  },
  {
    id: "form of jsonb",
    types: "jsonb",
    example: '{"b": 1, "a": 2}',
    postgres: '{"a": 2, "b": 1}',
    here: '{"b":1,"a":2}',
    reason: "Members stay in the order in which they were sent, and no white space is stored. Both are the same JSON.",
    holds: all(isIn(["jsonb"]), areShown, ({ expected, actual }) => canonical(expected.shown) === canonical(actual.shown)),
  },
  {
    id: "nested arrays",
    types: "arrays",
    example: "{{1}}",
    postgres: "stored",
    here: "PGRST127",
    reason: "Arrays have one dimension; a jsonb column holds any.",
    holds: all(isIn(ARRAYS), ({ actual }) => actual.state === "PGRST127"),
  },
  {
    id: "bounds of arrays",
    types: "arrays",
    example: "[0:1]={1,2}",
    postgres: "stored",
    here: "22P02",
    reason: "The first item of an array is always number 1.",
    holds: all(isIn(ARRAYS), ({ text, actual }) => /^\s*\[/.test(text) && actual.state === "22P02"),
  },
  {
    id: "which error of an array",
    types: "arrays",
    example: "{x,} of date[]",
    postgres: "22007",
    here: "22P02",
    reason: "The form of the array is read before its items.",
    holds: all(isIn(ARRAYS), areRejected),
  },
  {
    id: "NUL",
    types: "all",
    example: "\\\\u0000",
    postgres: "22P05",
    here: "PGRST102",
    reason: "A body with the character NUL is rejected before any value is read: neither database can store it in a text.",
    holds: ({ token, expected, actual }) => token.includes("\\u0000") && expected.state === "22P05" && actual.state === "PGRST102",
  },
  {
    id: "lone surrogates",
    types: "all",
    example: '"\\ud800"',
    postgres: "22P02",
    here: "PGRST102",
    reason: "A body with half a character is no JSON, which is found before any value is read, as by PostgREST.",
    holds: ({ token, expected, actual }) => /\\ud[89a-f]/i.test(token) && expected.state === "22P02" && actual.state === "PGRST102",
  },
];

/** Tables whose values have no order here, or another one; and why. */
export const UNORDERED = new Map([
  ["jsonb", "the order of documents is that of their texts"],
  ...ARRAYS.map((table) => [table, "the order of arrays is that of their texts"]),
  ["float4", "single precision: numbers are equal in PostgreSQL that differ here"],
]);

/** Tables in which other values are equal, and why. */
export const OTHERWISE_EQUAL = new Map([
  ["jsonb", "documents with their members in another order are different texts to a unique index"],
  ["float4", "single precision: numbers are equal in PostgreSQL that differ here"],
]);

// Where Selvedge is known to differ from PostgreSQL, each with its reason. Tables in docs/policies.md and docs/rest.md are written
// from here.

/**
 * `applies` tells from a judged expression whether it is this difference; `example` shows it, on the tables of world.mjs
 * with that collation, and differs as `kind` says (compare.mjs). `meaning` and `reason` are for the docs.
 */
export const DIFFERENCES = [
  {
    id: "constant-fails-at-once",
    meaning: "A constant that fails, such as `1/0`",
    reason: "PostgreSQL computes constants before it reads a row, so that the statement fails even where `or` or `case` would not come to them. Here they are computed where they stand.",
    example: "b1 or 1/0 = 1",
    kind: "leaks",
    applies: ({ sql, kind, postgres }) => kind === "leaks" && postgres.isPlanned === true && LAZY.test(sql),
  },
  {
    id: "failure-not-reached",
    meaning: "An operand that fails beside a null, or behind a test that is decided already",
    reason: "Which operands are computed is not said in either database. What is not computed cannot fail, so that the other operands decide. What fails and is computed admits nothing.",
    example: "(d1 > (d1 + (i1 / (i1 - i1)))) is unknown",
    kind: "leaks",
    applies: ({ isUnreached }) => isUnreached === true,
  },
  {
    id: "years",
    meaning: "Dates and times before the year 1 or beyond 9999",
    reason: "They are kept as text with four digits for the year. An expression that comes to another year fails.",
    example: "d1 < timestamp '9999-12-31' + interval '1 day'",
    kind: "raises",
    applies: ({ kind, ours }) => kind === "raises" && /selvedge:range:(date|timestamp)/.test(ours.error + ours.sql),
  },
  {
    id: "range-of-intervals",
    meaning: "Intervals beyond some 292,000 years",
    reason: "An interval is a number of microseconds with 64 bits. An expression that comes to a longer one fails.",
    example: "(id * 1e9) * interval '1 day' > '0'",
    kind: "raises",
    applies: ({ kind, ours }) => kind === "raises" && /selvedge:range:interval/.test(ours.error + ours.sql),
  },
  {
    id: "computed-patterns",
    meaning: "Patterns of `like` that are computed and have a backslash, or wildcards and more than 50 bytes",
    reason: "They become patterns of SQLite's `glob` when the expression is computed, which D1 limits. Such an expression fails.",
    example: "'a' like '\\a' || substr(t1, 1, 0)",
    kind: "raises",
    applies: ({ kind, ours }) => kind === "raises" && /selvedge:pattern/.test(ours.error + ours.sql),
  },
  {
    id: "forms-of-times",
    meaning: "Texts that are cast to dates and times and are not ISO 8601",
    reason: "A text in quotes is read when the policy is built, in all of PostgreSQL's forms but names of months. What is computed is read by SQLite: another form fails.",
    example: "('20260102' || substr(t1, 1, 0))::date > '2020-01-01'",
    kind: "raises",
    applies: ({ kind, ours }) => kind === "raises" && /selvedge:cast:(date|time)/.test(ours.error + ours.sql),
  },
  {
    id: "digits-of-numeric",
    meaning: "Quotients and products of `numeric` beyond 15 digits",
    reason: "A number that is not whole is kept in binary with 53 bits, of which 15 decimal digits are exact. Results are rounded to them.",
    example: "9007199254740993::numeric / 2 = 4503599627370496.5",
    kind: "hides",
    applies: ({ sql, kind, postgres, ours }) => (kind === "hides" || kind === "leaks") && /%\.15g/.test(ours.sql ?? "") && /\d{16,}|\d\.\d{15,}|\d{13,}\.\d|\bn\d [-+*] n\d/.test(sql),
  },
  {
    id: "case-beyond-ascii",
    meaning: "`lower`, `upper`, `initcap` and `ilike` of letters beyond ASCII",
    reason: "SQLite knows the case of `a` to `z` alone.",
    example: "upper('é' || t1) = 'É' || upper(t1)",
    collation: "",
    kind: "hides",
    applies: ({ sql, kind }) => kind !== "builds" && /\b(lower|upper|initcap|ilike)\b|~~?\*/i.test(sql) && /[^\x00-\x7f]/.test(sql) && LETTERS.test(sql),
  },
];

/** What need not compute all of its operands. */
const LAZY = /\b(and|or|case|coalesce|select)\b/i;

/** Letters beyond ASCII that have another case. */
const LETTERS = /[À-ÖØ-öø-ÿĀ-ž]/;

/** The difference that explains what was found, if one is listed. */
export const explained = (found) => DIFFERENCES.find((one) => one.applies(found));

const DECIMALS = /(\d\d:\d\d:\d\d)(\.\d*?)?0*(?=["+\\])/g;
const shortened = (rows) => rows.map((row) => row.replaceAll(DECIMALS, (_, time, decimals = "") => time + (decimals === "." ? "" : decimals)));
const same = ({ theirs, ours }, normalize) =>
  Boolean(theirs.rows && ours.rows) && JSON.stringify(normalize(theirs.rows)) === JSON.stringify(normalize(ours.rows));

/**
 * The same for reads of the REST API, from which a table in docs/rest.md is written. `query` and `sql` are an example;
 * `labels` say what a read is about (rest.mjs).
 */
export const READ_DIFFERENCES = [
  {
    id: "times-with-six-decimals",
    reason: "times are shown with six decimals, in which they are kept",
    query: "select=id,p1&order=id",
    sql: "select id, p1 from things order by id",
    applies: (found) => found.outcome === "other rows" && same(found, shortened),
  },
  {
    id: "order-of-arrays",
    reason: "arrays have no order here: `order=` takes the JSON that they are kept as, and `min` and `max` are rejected",
    query: "select=id&order=ia1,id",
    sql: "select id from things order by ia1, id",
    applies: ({ outcome, labels }) =>
      (outcome === "other rows" && labels.some((one) => /^order by .*\[\]$/.test(one))) ||
      (outcome === "rejects what PostgreSQL accepts" && labels.some((one) => /^(min|max) .*\[\]/.test(one))),
  },
  {
    id: "json-is-jsonb",
    reason: "a column of `json` is one of `jsonb`, which can be compared",
    query: "select=id&k1=eq.1&order=id",
    sql: "select id from things where k1 = '1' order by id",
    applies: ({ outcome, labels }) =>
      outcome === "accepts what PostgreSQL rejects" && labels.some((one) => /^(order by |group by |min |max |cast )?json(::| |$)/.test(one)),
  },
  {
    id: "order-of-uuids",
    reason: "`min` and `max` take uuids too",
    query: "select=a:u1.min()",
    sql: "select min(u1) as a from things",
    applies: ({ outcome, labels }) =>
      outcome === "accepts what PostgreSQL rejects" && labels.some((one) => /^(min|max) (uuid(::\w+)?|\S+::uuid(::\w+)?)$/.test(one)),
  },
  {
    id: "sums-of-times",
    reason: "`sum` and `avg` of a time would be an interval, and there are none",
    query: "select=a:h1.sum()",
    sql: "select sum(h1) as a from things",
    applies: ({ outcome, labels }) =>
      outcome === "rejects what PostgreSQL accepts" && labels.some((one) => /^(sum|avg) (time\b|\S+::time\b)/.test(one)),
  },
  {
    id: "numbers-of-bytes",
    reason: "bytes are cast to no number, as before PostgreSQL 18",
    query: "select=id,x:y1::integer&id=eq.1",
    sql: "select id, cast('\\x01'::bytea as integer) as x from things where id = 1",
    applies: ({ outcome, labels }) => outcome === "rejects what PostgreSQL accepts" && labels.some((one) => /bytea( to |::)/.test(one)),
  },
  {
    id: "index-of-a-scalar",
    reason: "`->0` and `->-1` of a document that is no array are null; PostgreSQL takes it for an array of one item",
    query: "select=id,x:j2->>0&order=id",
    sql: "select id, j2 ->> 0 as x from things order by id",
    applies: ({ outcome, query }) => outcome !== "rejects what PostgreSQL accepts" && /\bj\d->>?(0|-1)(?!\d)/.test(decodeURIComponent(query)),
  },
  {
    id: "order-of-documents",
    reason: "JSON documents are sorted and grouped by their text, in the order in which their keys were written",
    query: "select=id&order=j2,id",
    sql: "select id from things order by j2, id",
    applies: ({ outcome, labels }) => outcome === "other rows" && labels.some((one) => /^(order by|group by|min|max) jsonb\b/.test(one)),
  },
  {
    id: "text-of-documents",
    reason: "JSON documents are shown as text without blanks, with their keys and numbers as they were written",
    query: "select=id,x:j2::text&order=id",
    sql: "select id, j2::text as x from things order by id",
    applies: ({ outcome, labels, query }) =>
      outcome === "other rows" &&
      labels.some((one) => /^cast jsonb to (text|varchar)$/.test(one) || (/->>/.test(decodeURIComponent(query)) && /^cast text to (text|varchar)$/.test(one))),
  },
  {
    id: "keys-of-64-bits",
    reason: "an `integer primary key` has 64 bits",
    query: "select=id&id=eq.2147483648",
    sql: "select id from things where id = '2147483648'",
    applies: ({ outcome, query, theirs }) =>
      outcome === "accepts what PostgreSQL rejects" && /\bid\b/.test(query) && /2147483648.*out of range for type integer/.test(JSON.stringify(theirs)),
  },
  {
    id: "real-is-double-precision",
    reason: "`real` is kept, summed up and shown as `double precision`, and its range is not checked in filters",
    query: "select=id,x:g1::text&order=id",
    sql: "select id, g1::text as x from things order by id",
    applies: ({ outcome, labels }) =>
      (outcome === "other rows" || outcome === "accepts what PostgreSQL rejects") && labels.some((one) => /\bfloat4\b/.test(one)),
  },
  {
    id: "digits-of-averages",
    reason: "averages have 15 digits, and as a text only as many decimals as they need",
    query: "select=a:i1.avg()::text",
    sql: "select avg(i1)::text as a from things",
    applies: ({ outcome, labels }) => outcome === "other rows" && labels.some((one) => /^avg (int|numeric)/.test(one)),
  },
  {
    id: "patterns-of-bytes",
    reason: "patterns are for texts alone",
    query: "select=id&y1=like.a*&order=id",
    sql: "select id from things where y1 like 'a%' order by id",
    applies: ({ outcome, labels }) => outcome === "rejects what PostgreSQL accepts" && labels.some((one) => /^bytea like/.test(one)),
  },
];

/** The difference that explains an answer, if one is listed. */
export const explainedRead = (found) => READ_DIFFERENCES.find((one) => one.applies(found));

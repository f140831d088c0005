// Values, judged by PostgreSQL itself: thousands of literals of each type are sent to workerd's D1 through the REST API and to
// PGlite. Which are accepted, the SQLSTATE of those that are not, what is returned, which are equal, unique and in
// which order must be the same, but for what values_differences.mjs lists with a reason.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { DIFFERENCES, OTHERWISE_EQUAL, UNORDERED, isSame } from "./values_differences.mjs";
import { literalsOf, randomFrom } from "./values_literals.mjs";
import { Postgres } from "./values_postgres.mjs";
import { Worker } from "./values_worker.mjs";

const SCHEMA = "tests/postgres/values_schema.sql";
const POLICIES = "tests/postgres/values_policies.sql";
const DOCUMENT = "docs/values.md";

const SEED = Number(process.env.SELVEDGE_SEED ?? 1);
/** Literals of each type. */
const COUNT = Number(process.env.SELVEDGE_LITERALS ?? 2000);
/** Literals of each type that rows are looked for by. */
const FILTERS = 12;

const literals = literalsOf(randomFrom(SEED), COUNT);
const seen = new Set();
const counts = { literals: 0, stored: 0, rejected: 0, differences: 0 };

let postgres;
let worker;

before(async () => {
  [postgres, worker] = await Promise.all([Postgres.start(SCHEMA), Worker.start(SCHEMA, POLICIES)]);
});
after(async () => {
  await Promise.all([postgres?.stop(), worker?.stop()]);
});

/** Whether a literal that PostgreSQL stores is probably stored here. It saves requests and decides nothing. */
const isLikely = (table, token) => table !== "num" || token.replace(/\D|e.*/gi, "").length <= 15;

/** A literal as the text that its type reads. */
const textOf = (token) => (token.startsWith('"') ? JSON.parse(token) : token);

/** Whether both sides made the same of a literal. */
function isEqual(table, expected, actual) {
  if ("shown" in expected && "shown" in actual) return isSame(table, expected.shown ?? "null", actual.shown);
  return expected.state !== undefined && expected.state === actual.state;
}

/** Whether it is a listed difference that PostgreSQL looks for a value that is rejected here. */
function isKnown(table, token, wanted, state) {
  const outcomes = { expected: { shown: JSON.stringify(String(wanted)) }, actual: { state, message: "is out of range", hint: "time zone's name" } };
  return DIFFERENCES.some((one) => one.holds({ table, token, text: textOf(token), ...outcomes }));
}

/** Rows that only one side has stored are removed, so that order and equality are compared of the same rows. */
async function removeOthers(table, expected, actual) {
  const only = (one, other) => one.flatMap((outcome, at) => ("shown" in outcome && !("shown" in other[at]) ? [at + 1] : []));
  await postgres.remove(table, only(expected, actual));
  await worker.remove(table, only(actual, expected));
}

describe(`Literals (SELVEDGE_SEED=${SEED}, SELVEDGE_LITERALS=${COUNT})`, () => {
  for (const [table, tokens] of Object.entries(literals)) {
    test(`${table}: ${tokens.length} literals are read, stored and shown as by PostgreSQL`, async () => {
      const expected = await postgres.insert(table, tokens);
      const actual = await worker.insert(table, tokens, expected.map((outcome, at) => "shown" in outcome && isLikely(table, tokens[at])));
      const unexplained = [];
      tokens.forEach((token, at) => {
        counts.literals += 1;
        counts["shown" in actual[at] ? "stored" : "rejected"] += 1;
        if (isEqual(table, expected[at], actual[at])) return;
        const difference = { table, token, text: textOf(token), expected: expected[at], actual: actual[at] };
        const known = DIFFERENCES.filter((one) => one.holds(difference));
        counts.differences += 1;
        known.slice(0, 1).forEach((one) => seen.add(one.id));
        if (known.length === 0) unexplained.push(`${token}: PostgreSQL ${JSON.stringify(expected[at])}, here ${JSON.stringify(actual[at])}`);
      });
      assert.equal(unexplained.length, 0, `${unexplained.length} differences:\n${unexplained.slice(0, 20).join("\n")}`);
      await removeOthers(table, expected, actual);
    });

    if (!UNORDERED.has(table)) {
      test(`${table}: the same order`, async () => {
        assert.deepEqual(await worker.order(table), await postgres.order(table));
      });
    }

    if (!OTHERWISE_EQUAL.has(table)) {
      test(`${table}: the same values are equal to a unique constraint`, async () => {
        assert.deepEqual(await worker.unique(table), await postgres.unique(table));
      });

      test(`${table}: a filter finds the same rows`, async () => {
        const step = Math.max(1, Math.floor(tokens.length / FILTERS));
        for (const token of tokens.filter((token, at) => at % step === 0 && textOf(token).isWellFormed())) {
          const text = textOf(token);
          const [found, wanted] = [await worker.equal(table, text), await postgres.equal(table, text)];
          // What both reject is rejected for the same reasons as when it is stored.
          if (!Array.isArray(found) && !Array.isArray(wanted)) continue;
          if (!Array.isArray(found) && isKnown(table, token, wanted, found)) continue;
          assert.deepEqual(found, wanted, token);
        }
      });
    }
  }
});

/** Texts of stored values, which are compared as what a literal has become is. */
function compareTexts(table, expected, actual) {
  assert.deepEqual([...actual.keys()], [...expected.keys()]);
  for (const [id, wanted] of expected) {
    const found = actual.get(id);
    if (wanted === found || (wanted === null && found === "")) continue;
    const [token, text] = [literals[table][id - 1], textOf(literals[table][id - 1])];
    const difference = { table, token, text, expected: { shown: wanted }, actual: { shown: found } };
    const isKnown = DIFFERENCES.some((one) => one.holds(difference)) || isSame(table, String(wanted), String(found));
    assert.ok(isKnown, `${token}: PostgreSQL ${wanted}, here ${found}`);
  }
}

describe("Numbers become the same text everywhere", () => {
  for (const table of ["int2", "int8", "float8", "num", "num52", "num1510", "numneg"]) {
    test(`${table}: in a cast to text and in CSV`, async () => {
      const expected = await postgres.rows(table, "v::text");
      compareTexts(table, expected, await worker.rows(table, "id,v:v::text"));
      compareTexts(table, expected, await worker.csv(table));
    });
  }

  for (const table of ["tstz", "ts", "dt", "tm", "uid", "bool"]) {
    test(`${table}: in a cast to text`, async () => {
      compareTexts(table, await postgres.rows(table, "v::text"), await worker.rows(table, "id,v:v::text"));
    });
  }

  test("numbers: in a cast to a whole number", async () => {
    for (const table of ["float8", "num", "num52", "num1510"]) {
      const filters = "&v=gt.-2000000000&v=lt.2000000000";
      const expected = await postgres.rows(table, "case when v > -2000000000 and v < 2000000000 then v::int end");
      for (const [id, whole] of await worker.rows(table, "id,v:v::int", filters)) {
        assert.equal(whole, expected.get(id), literals[table][id - 1]);
      }
    }
  });

  test("jsonb: as text out of a document", async () => {
    const scalars = "case when jsonb_typeof(v -> 'a') in ('number', 'string', 'boolean') then v ->> 'a' end";
    const [expected, actual] = [await postgres.rows("jsonb", scalars), await worker.rows("jsonb", "id,v:v->>a")];
    const isScalar = ([, text]) => text !== null;
    assert.ok([...expected].filter(isScalar).length > COUNT / 100);
    for (const [id, text] of [...expected].filter(isScalar)) assert.equal(actual.get(id), text, literals.jsonb[id - 1]);
  });

  test("numeric(p, s): aggregates keep the scale", async () => {
    for (const table of ["num52", "numneg", "num1510"]) {
      const expected = await postgres.aggregates(table, "sum(v)::text as sum, min(v)::text as min, max(v)::text as max");
      const actual = await worker.aggregates(table, "sum:v.sum(),min:v.min(),max:v.max()");
      const digits = expected.sum.replace(/\D/g, "").length;
      // A sum of more digits than a double holds has 15 of them.
      if (digits > 15) assert.ok(Math.abs(Number(actual.sum) / Number(expected.sum) - 1) < 1e-14, `${table}: ${actual.sum}`);
      else assert.equal(actual.sum, expected.sum, table);
      assert.deepEqual([actual.min, actual.max], [expected.min, expected.max], table);
    }
  });
});

test("now is the time of the request, in bodies and in filters", async () => {
  for (const [table, words] of [["tstz", ['"now"', '"now()"', '"NOW"']], ["ts", ['"now()"']]]) {
    for (const word of words) {
      const shown = await worker.insertOne(table, word);
      const time = Date.parse(table === "ts" ? `${JSON.parse(shown)}Z` : JSON.parse(shown));
      assert.ok(Math.abs(Date.now() - time) < 60_000, `${word}: ${shown}`);
    }
    const recent = await worker.count(table, "v=lte.now()&v=gt.now()");
    assert.equal(recent, 0);
    assert.ok((await worker.count(table, "v=lte.now()&v=gte.today")) >= words.length);
    assert.equal(await worker.count(table, "or=(v.in.(now),v.gt.now)&v=lt.now()"), 0);
  }
  assert.equal(await worker.insertOne("dt", '"now()"'), await worker.insertOne("dt", '"today"'));
});

test("each listed difference is still there", () => {
  console.log(`# ${JSON.stringify(counts)}, ${worker.requests} requests`);
  const gone = DIFFERENCES.filter((one) => !seen.has(one.id)).map((one) => one.id);
  assert.deepEqual(gone, [], "take these out of values_differences.mjs");
});

test("the documentation lists the differences", () => {
  const cell = (text) => text.replaceAll("|", "\\|");
  const rows = DIFFERENCES.map((one) =>
    `| ${[one.types, `\`${cell(one.example)}\``, cell(one.postgres), cell(one.here), cell(one.reason)].join(" | ")} |`,
  );
  const table = ["| Types | Literal | PostgreSQL | Here | Why |", "|---|---|---|---|---|", ...rows].join("\n");
  const document = readFileSync(DOCUMENT, "utf8");
  const [, head, tail] = /^([^]*<!-- differences -->\n)[^]*(<!-- \/differences -->[^]*)$/.exec(document);
  const current = `${head}${table}\n${tail}`;
  if (process.env.UPDATE_EXPECT) writeFileSync(DOCUMENT, current);
  else assert.equal(document, current, "docs/values.md is not current: run with UPDATE_EXPECT=1");
});

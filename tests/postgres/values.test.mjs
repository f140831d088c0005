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
        for (const token of tokens.filter((_, at) => at % step === 0)) {
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
  const [head, rest] = document.split("<!-- differences -->\n");
  const tail = rest.split("\n<!-- /differences -->")[1];
  const current = `${head}<!-- differences -->\n${table}\n<!-- /differences -->${tail}`;
  if (process.env.UPDATE_EXPECT) writeFileSync(DOCUMENT, current);
  else assert.equal(document, current, "docs/values.md is not current: run with UPDATE_EXPECT=1");
});

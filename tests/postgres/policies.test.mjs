// Policies as people write them: each person reads and writes the rows that PostgreSQL lets them.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { isDifference, judgeBoth, report } from "./compare.mjs";
import { explained } from "./differences.mjs";
import { startJudge } from "./judge.mjs";
import { FOLDER, expressionLists, expressionWorld, expressionsIn, policySet, policySets } from "./lists.mjs";
import { startPostgres } from "./pglite.mjs";
import { differencesOf, settleSet } from "./row-level-security.mjs";
import { claimsOf, insertRows, sqliteRows, tablesOf } from "./rows.mjs";

let judge;
before(() => (judge = startJudge()));
after(() => judge?.close());

describe("expressions", { skip: expressionWorld() === null }, () => {
  const lists = expressionLists();
  const written = expressionWorld();
  const named = expressionsIn("admitted_too_much.txt").map((line) => line.match(/^(\w+): (.*)$/).slice(1));
  let postgres;
  let world;

  before(async () => {
    postgres = await startPostgres();
    await postgres.exec(written.schema);
    await insertRows(postgres, written.rows);
    const { schema, policies, functions } = written;
    const rows = await sqliteRows(postgres, await tablesOf(postgres));
    world = { schema, policies, functions, rows, table: "documents" };
  });

  after(() => postgres?.close());

  /** Each expression with what came of it for the person for whom it went worst. */
  async function judgeAll(expressions) {
    const worst = expressions.map(() => null);
    for (const person of written.people) {
      const claims = claimsOf(person);
      await postgres.become(claims);
      const judged = await judgeBoth({ postgres, judge, world: { ...world, claims } }, expressions);
      for (const [index, found] of judged.entries()) {
        if (worst[index] === null || (isDifference(found) && !explained(found))) worst[index] = { ...found, person };
      }
    }
    return worst;
  }

  const shown = (found) => `${found.person.name}: ${report(found)}`;

  function assertEqual(judged) {
    const wrong = judged.filter((found) => isDifference(found) && !explained(found));
    assert.equal(wrong.length, 0, `${wrong.length} differ\n\n${wrong.map(shown).join("\n\n")}\n`);
  }

  const refused = [];
  for (const [name, expressions] of Object.entries(lists)) {
    test(name, async () => {
      const judged = await judgeAll(expressions);
      const rejected = judged.filter((found) => found.postgres.rejected);
      assert.deepEqual(rejected.map((found) => [found.sql, found.postgres.rejected]), [], "PostgreSQL accepts all");
      const mine = judged.filter((found) => found.kind === "refused");
      refused.push(...mine.map((found) => `${found.sql}\n    ${found.ours.refused[0].message}`));
      console.log(`  ${name}: ${judged.length} expressions, ${mine.length} of which do not build`);
      assertEqual(judged);
    });
  }

  test("those that do not build are listed", () => {
    const path = join(FOLDER, "refused.txt");
    const text = `# The expressions of the lists that PostgreSQL accepts and that do not build, each with the message.\n${refused.join("\n")}\n`;
    if (process.env.UPDATE_EXPECT) writeFileSync(path, text);
    assert.equal(text, existsSync(path) ? readFileSync(path, "utf8") : "", "UPDATE_EXPECT=1 writes what is");
  });

  test("what PostgreSQL rejects does not build", async () => {
    const judged = await judgeAll(expressionsIn("rejected.txt"));
    const accepted = judged.filter((found) => !found.postgres.rejected);
    assert.deepEqual(accepted.map((found) => found.sql), [], "PostgreSQL rejects all");
    assertEqual(judged);
  });

  test("what fails in PostgreSQL when it is run admits nothing here", async () => {
    assertEqual(await judgeAll(expressionsIn("fails_when_run.txt")));
  });

  for (const [name, expression] of named) {
    test(`once admitted too much: ${name}`, async () => assertEqual(await judgeAll([expression])));
  }
});

describe("sets of policies", { skip: policySets().length === 0 }, () => {
  for (const path of policySets()) {
    const set = policySet(path);
    test(set.name, async (context) => {
      const postgres = await startPostgres();
      context.after(() => postgres.close());
      const { question, tables } = await settleSet(postgres, set);
      const answer = await judge.ask(question);
      if (set.isRefused) {
        assert.ok(answer.refused, "it does not build");
        return;
      }
      assert.ok(!answer.refused, `it builds:\n${JSON.stringify(answer.refused, null, 2)}`);
      const differences = await differencesOf(postgres, set, tables, answer.people);
      assert.deepEqual(differences, []);
    });
  }
});

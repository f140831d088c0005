// Policies as people write them: each person reads and writes the rows that PostgreSQL lets them.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { KINDS, isDifference, judgeBoth, report } from "./compare.mjs";
import { explained } from "./differences.mjs";
import { startJudge } from "./judge.mjs";
import { FOLDER, expressionLists, expressionWorld, expressionsIn, policySet, policySets } from "./lists.mjs";
import { startPostgres } from "./pglite.mjs";
import { differencesOf, settleSet } from "./row-level-security.mjs";
import { requestOf, sameWrite, writtenByOurs, writtenByPostgres } from "./writes.mjs";
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
        if (worst[index] === null || rank(found) < rank(worst[index])) worst[index] = { ...found, person };
      }
    }
    return worst;
  }

  /** Differences come first, in their order of `KINDS`. */
  function rank(found) {
    const place = explained(found) ? -1 : Object.keys(KINDS).indexOf(found.kind);
    return place < 0 ? Infinity : place;
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

/** A set with every verb, and policies that say something else about each. */
const SMALL = {
  schema: `create table notes (id integer primary key, author uuid, body text, shared boolean not null default false);
    create table readers (note_id integer not null, user_id uuid not null, primary key (note_id, user_id));`,
  policies: `create policy a on readers for select to authenticated using (user_id = auth.uid());
    create policy b on notes for select to authenticated using (author = auth.uid() or id in (select note_id from readers));
    create policy c on notes for insert to authenticated with check (author = auth.uid());
    create policy d on notes for update to authenticated using (author = auth.uid()) with check (body is not null);
    create policy e on notes for delete to authenticated using (not shared);`,
  functions: "",
  rows: {
    notes: [
      { id: 1, author: "a1111111-0000-4000-8000-000000000001", body: "x", shared: true },
      { id: 2, author: "a1111111-0000-4000-8000-000000000001", body: null, shared: false },
      { id: 3, author: "a2222222-0000-4000-8000-000000000002", body: "y", shared: false },
      { id: 4, author: null, body: "z", shared: true },
    ],
    readers: [{ note_id: 3, user_id: "a1111111-0000-4000-8000-000000000001" }],
  },
  people: [
    { name: "anonymous", role: "anon", claims: { role: "anon" } },
    { name: "ann", role: "authenticated", claims: { sub: "a1111111-0000-4000-8000-000000000001", role: "authenticated" } },
  ],
};
const CHANGES = {
  select: ["or id in (select note_id from readers)", ""],
  insert: ["with check (author = auth.uid())", "with check (shared)"],
  update: ["for update to authenticated using (author = auth.uid())", "for update to authenticated using (not shared)"],
  kept: ["body is not null", "body is null"],
  delete: ["using (not shared)", "using (shared)"],
};

describe("the comparison of sets", () => {
  let postgres;
  before(async () => (postgres = await startPostgres()));
  after(() => postgres?.close());

  /** What differs when PostgreSQL is given other policies. */
  async function differencesWith([old, other]) {
    await postgres.reset();
    const theirs = { ...SMALL, policies: SMALL.policies.replace(old, other) };
    const { question, tables } = await settleSet(postgres, theirs);
    const { people, refused } = await judge.ask({ ...question, policies: SMALL.policies });
    assert.ok(!refused, JSON.stringify(refused));
    return differencesOf(postgres, theirs, tables, people);
  }

  test("equal policies are equal", async () => {
    assert.deepEqual(await differencesWith(["", ""]), []);
  });

  for (const [verb, change] of Object.entries(CHANGES)) {
    test(`another policy for ${verb} is found`, async () => {
      const verbs = (await differencesWith(change)).map((one) => one.verb);
      assert.ok(verbs.includes(verb), verbs.join());
    });
  }
});

describe("sets of policies", { skip: policySets().length === 0 }, () => {
  let postgres;
  before(async () => (postgres = await startPostgres()));
  after(() => postgres?.close());

  for (const path of policySets()) {
    const set = policySet(path);
    test(set.name, async () => {
      await postgres.reset();
      const { question, tables } = await settleSet(postgres, set);
      const answer = await judge.ask(question);
      if (set.refused.length > 0) {
        const report = JSON.stringify(answer.refused ?? []);
        for (const text of set.refused) assert.ok(report.includes(text), `${text} is in ${report}`);
        return;
      }
      assert.ok(!answer.refused, `it builds:\n${JSON.stringify(answer.refused, null, 2)}`);
      assert.deepEqual(await differencesOf(postgres, set, tables, answer.people), []);
    });

    test(`${set.name}: writes`, { skip: set.writes.length === 0 || set.refused.length > 0 }, async () => {
      await postgres.reset();
      const { question } = await settleSet(postgres, set);
      const requests = set.writes.map((write) => requestOf(write, set.people));
      const { answers, refused } = await judge.ask({ ...question, ask: "rest", now: Date.now(), requests });
      assert.ok(!refused, `it builds:\n${JSON.stringify(refused, null, 2)}`);
      const differences = [];
      for (const [index, write] of set.writes.entries()) {
        const theirs = await writtenByPostgres(postgres, write, set.people);
        const ours = writtenByOurs(answers[index]);
        if (!sameWrite(theirs, ours)) differences.push({ write: JSON.stringify(write), PostgreSQL: theirs, here: ours });
      }
      assert.deepEqual(differences, []);
    });
  }
});

// What the compiler's help says to write, written: it builds and means what was meant.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { compare, isDifference, report } from "./compare.mjs";
import { explained } from "./differences.mjs";
import { MISLEADING, followed, operandsOf } from "./hints.mjs";
import { expressionLists, expressionWorld, expressionsIn } from "./lists.mjs";
import { claimsOf, insertRows, sqliteRows, tablesOf } from "./rows.mjs";
import { sidesOfTests } from "./sides.mjs";

const TABLE = "documents";
/** An expression may need as many hints. */
const STEPS = 4;

test("operands are found", () => {
  assert.deepEqual(operandsOf("f(a, g(b, c), 'x,y')"), ["a", "g(b, c)", "'x,y'"]);
  assert.deepEqual(operandsOf("a <@ array[b, c]"), ["a", "array[b, c]"]);
  assert.deepEqual(operandsOf("(a -> 'b')::boolean"), ["(a -> 'b')"]);
  assert.deepEqual(operandsOf("email ilike '%a = b%'"), ["email", "'%a = b%'"]);
});

test("help is followed to the letter", () => {
  const at = (from, to) => ({ start: [1, from + 66], end: [1, to + 66] });
  const policy = 'create policy "x" on "documents" for select to authenticated using (';
  const shift = policy.length + 1 - 66;
  const diagnostic = { ...at(shift, shift + 8), message: "no such function", help: "write `length(..)`" };
  assert.deepEqual(followed(TABLE, "count(x) > 1", diagnostic), ["length(x) > 1"]);
});

describe("hints", { skip: expressionWorld() === null }, () => {
  const written = expressionWorld();
  const both = sidesOfTests();
  let world;

  before(async () => {
    const { postgres } = both;
    await postgres.exec(written.schema);
    await insertRows(postgres, written.rows);
    const { schema, policies, functions } = written;
    world = { schema, policies, functions, rows: await sqliteRows(postgres, await tablesOf(postgres)), table: TABLE };
  });

  /** Everything that builds by following the hints: `{ refused, built: [expressions], stuck: [messages] }`. */
  async function follow(expression, depth = 0) {
    const [answer] = await both.judge.judge({ ...world, claims: claimsOf(written.people[0]) }, [expression]);
    if (!answer.refused) return { built: depth === 0 ? [] : [expression], stuck: [] };
    const next = depth < STEPS ? followed(TABLE, expression, answer.refused[0]) : [];
    const { message, help } = answer.refused[0];
    if (next.length === 0) return { built: [], stuck: [`${expression}: ${message} (${help ?? "no help"})`] };
    const all = await Promise.all(next.map((one) => follow(one, depth + 1)));
    return { built: all.flatMap((one) => one.built), stuck: all.flatMap((one) => one.stuck) };
  }

  /** How following differs from what PostgreSQL makes of the original, or of the outcome where it rejects that. */
  async function differences(original, built) {
    const found = [];
    for (const person of written.people) {
      const claims = claimsOf(person);
      await both.postgres.become(claims);
      const [theirs] = await both.postgres.judge(TABLE, [original]);
      const ours = await both.judge.judge({ ...world, claims }, built);
      const ofBuilt = theirs.rejected ? await both.postgres.judge(TABLE, built) : [];
      for (const [index, sql] of built.entries()) {
        const verdict = ofBuilt[index] ?? theirs;
        const one = { sql, postgres: verdict, ours: ours[index], ...compare(verdict, ours[index]) };
        if (isDifference(one) && !explained(one)) found.push(`${person.name}, from ${original}: ${report(one)}`);
      }
    }
    return found;
  }

  test("every hint that can be followed is equal", async () => {
    const lists = [...Object.values(expressionLists()).flat(), ...expressionsIn("rejected.txt")];
    const wrong = [];
    let count = 0;
    for (const expression of lists) {
      const { built } = await follow(expression);
      if (built.length === 0) continue;
      count += 1;
      const found = await differences(expression, built);
      if (found.length > 0) wrong.push(found[0]);
    }
    console.log(`  ${count} of ${lists.length} expressions build by following a hint`);
    assert.equal(wrong.length, 0, `${wrong.length} lead elsewhere\n\n${wrong.join("\n\n")}\n`);
  });

  for (const expression of MISLEADING) {
    test(`${expression} builds, or its hint does and is equal`, async () => {
      const { built, stuck } = await follow(expression);
      assert.deepEqual(stuck, [], "each hint leads to what builds");
      assert.deepEqual(await differences(expression, built.length > 0 ? built : [expression]), []);
    });
  }
});

// The comparison can fail: what SQLite means by the same words is found, and so is each entry that the compiler is made
// to translate wrongly.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { isDifference, judgeBoth } from "./compare.mjs";
import { Generator } from "./generate.mjs";
import { POSTGRES, supportedLanguage } from "./language.mjs";
import { Random } from "./random.mjs";
import { sidesOfTests } from "./sides.mjs";
import { nodes, render } from "./tree.mjs";
import { settle, world } from "./world.mjs";

const SEED = Number(process.env.SELVEDGE_SEED ?? 1);
/** Expressions that use what is wrong, within which it must be found. */
const WITHIN = 400;
const TOGETHER = 100;

/** What SQLite's own words would mean. */
const SQLITE = `
drop function if exists sqlite_substr, sqlite_greatest;
create function sqlite_substr(t text, start int, n int default 2147483647) returns text language sql immutable as $$
  select case when start < 0 then substring(t from greatest(length(t) + start + 1, 1) for n)
    when start = 0 then substring(t from 1 for n - 1) else substring(t from start for n) end $$;
create function sqlite_greatest(variadic list anycompatiblearray) returns anycompatible language sql immutable as $$
  select case when array_position(list, null) is null then (select max(x) from unnest(list) x) end $$;
`;

/** PostgreSQL's side made wrong. */
const PERTURBATIONS = {
  "like that ignores case": { uses: / like '/, perturb: (sql) => sql.replaceAll(" like '", " ilike '") },
  "is distinct from that knows no null": { uses: / is distinct from /, perturb: (sql) => sql.replaceAll(" is distinct from ", " <> ") },
  "a negative start of substr": { uses: /\bsubstr\(/, perturb: (sql) => sql.replaceAll(/\bsubstr\(/g, "sqlite_substr(") },
  "greatest of a null": { uses: /\bgreatest\(/, perturb: (sql) => sql.replaceAll(/\bgreatest\(/g, "sqlite_greatest(") },
};

const both = sidesOfTests();
let supported;

before(async () => {
  supported = await supportedLanguage(both.judge);
});

/** Whether an expression that is equal otherwise differs by what `changed` adds to the sides. */
async function isFound(sides, changed, uses, language) {
  const generator = new Generator(language, new Random(SEED));
  for (let done = 0; done < WITHIN; done += TOGETHER) {
    const trees = [];
    for (let tries = 0; trees.length < TOGETHER && tries < 200_000; tries += 1) {
      const tree = generator.condition();
      if (uses(tree)) trees.push(tree);
    }
    const expressions = trees.map(render);
    const sound = (await judgeBoth(sides, expressions)).filter(({ kind }) => kind === "equal").map(({ sql }) => sql);
    const judged = await judgeBoth({ ...sides, ...changed }, sound);
    if (judged.some((found) => isDifference(found))) return true;
  }
  return false;
}

for (const [name, { uses, perturb }] of Object.entries(PERTURBATIONS)) {
  test(`${name} is found`, async (context) => {
    const sides = { ...both, world: world(SEED) };
    await settle(both.postgres, sides.world);
    await both.postgres.exec(`reset role; ${SQLITE}; set role authenticated`);
    const language = supported?.language ?? POSTGRES;
    const found = await isFound(sides, { perturb }, (tree) => uses.test(render(tree)), language);
    if (!found && !supported) return context.skip("the compiler does not support it");
    assert.ok(found, `not within ${WITHIN} expressions`);
  });
}

test("every entry that is translated wrongly is found", async (context) => {
  if (!supported?.defects) return context.skip("the compiler has no defects to choose from");
  const sides = { ...both, world: world(SEED) };
  await settle(both.postgres, sides.world);
  const missed = [];
  for (const { name, label } of supported.defects) {
    const uses = (tree) => nodes(tree).some((one) => one.label === label);
    if (!(await isFound(sides, { options: { defect: name } }, uses, supported.language))) missed.push(name);
  }
  assert.deepEqual(missed, [], `of ${supported.defects.length}, within ${WITHIN} expressions that use them`);
});

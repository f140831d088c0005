// Random expressions: PostgreSQL and Selvedge admit the same rows, or the expression does not build.
//
// SELVEDGE_EXPRESSIONS says how many, SELVEDGE_SEED where to begin, SELVEDGE_SHOWN how many differences of each kind are
// made small and shown. `npm run torture` runs many more.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { campaign } from "./campaign.mjs";
import { KINDS } from "./compare.mjs";
import { Generator, labelOf } from "./generate.mjs";
import { POSTGRES, supportedLanguage } from "./language.mjs";
import { Random } from "./random.mjs";
import { sidesOfTests } from "./sides.mjs";
import { settle, world } from "./world.mjs";

const COUNT = Number(process.env.SELVEDGE_EXPRESSIONS ?? 20_000);
const SEED = Number(process.env.SELVEDGE_SEED ?? 1);
/** Of each kind of difference, so many are made small. */
const SHOWN = Number(process.env.SELVEDGE_SHOWN ?? 6);
/** Expressions on the same rows. */
const PER_WORLD = 4_096;
/** Of what PostgreSQL accepts and the generator makes of supported entries, so much must build. */
const LEAST_BUILT = 0.7;
/** In so many, every entry occurs. */
const FOR_ALL_ENTRIES = 20_000;
/** Of everything that is generated, so much comes from the wider language, most of which must not build. */
const WIDER = 0.15;

const both = sidesOfTests();
let supported;

before(async () => {
  supported = (await supportedLanguage(both.judge))?.language;
});

/** The counts of many campaigns, added. */
class Totals {
  tally = {};
  refusals = new Map();
  failures = new Map();
  used = new Map();

  add({ tally, refusals, used }) {
    for (const [kind, count] of Object.entries(tally)) this.tally[kind] = (this.tally[kind] ?? 0) + count;
    for (const [name, map] of Object.entries({ refusals, used })) {
      for (const [key, count] of map) this[name].set(key, (this[name].get(key) ?? 0) + count);
    }
  }
}

async function judgeMany(language, count, seed) {
  const totals = new Totals();
  for (let done = 0; done < count; done += PER_WORLD) {
    const place = seed + done / PER_WORLD;
    const sides = { ...both, world: world(place) };
    await settle(both.postgres, sides.world);
    const generator = new Generator(language, new Random(place));
    const options = { limit: SHOWN, failures: totals.failures };
    totals.add(await campaign(sides, generator, Math.min(PER_WORLD, count - done), options));
  }
  return totals;
}

function print(title, { tally, refusals }) {
  console.log(`${title}, SELVEDGE_SEED=${SEED}: ${JSON.stringify(tally)}`);
  const most = [...refusals].sort(([, a], [, b]) => b - a).slice(0, 20);
  for (const [message, count] of most) console.log(`  ${String(count).padStart(6)} refused: ${message}`);
}

function assertNoDifference({ tally, failures }) {
  const count = tally.leaks + tally.builds + tally.hides + tally.raises;
  const worst = (signature) => Object.keys(KINDS).indexOf(signature.split(":")[0]);
  const sorted = [...failures].sort(([a], [b]) => worst(a) - worst(b));
  const shown = sorted.map(([signature, text]) => `${signature}\n${text}`).join("\n\n");
  assert.equal(count, 0, `${count} differ, from SELVEDGE_SEED=${SEED}\n\n${shown}\n`);
}

test("expressions of supported entries admit the rows that PostgreSQL admits", async () => {
  const totals = await judgeMany(supported ?? POSTGRES, Math.round(COUNT * (1 - WIDER)), SEED);
  print("Supported entries", totals);
  const { equal, refused } = totals.tally;
  const share = equal / (equal + refused);
  console.log(`  ${(share * 100).toFixed(1)} % of what PostgreSQL accepts builds`);
  assert.ok(share >= LEAST_BUILT, `only ${(share * 100).toFixed(1)} % of what PostgreSQL accepts builds`);
  const unused = (supported ?? []).map(labelOf).filter((label) => !totals.used.has(label));
  console.log(`  ${unused.length} of ${supported?.length ?? 0} entries are in no expression that is equal: ${unused.join("; ")}`);
  assertNoDifference(totals);
  if (COUNT >= FOR_ALL_ENTRIES) assert.deepEqual(unused, [], "every entry is tried");
});

test("expressions of PostgreSQL's wider language do not build, or mean the same", async () => {
  const totals = await judgeMany(POSTGRES, Math.round(COUNT * WIDER), SEED + 1_000_000);
  print("Wider language", totals);
  assertNoDifference(totals);
});

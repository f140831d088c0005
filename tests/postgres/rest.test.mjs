// Reads of the REST API against the SQL that PostgREST documents for them.
//
// SELVEDGE_EXPRESSIONS says how many: a tenth of it. SELVEDGE_SEED says where to begin.

import assert from "node:assert/strict";
import { test } from "node:test";

import { explainedRead } from "./differences.mjs";
import { Random } from "./random.mjs";
import { readBoth, settleReads, shortly } from "./reads.mjs";
import { read } from "./rest.mjs";
import { sidesOfTests } from "./sides.mjs";

const COUNT = Math.max(4_000, Math.round(Number(process.env.SELVEDGE_EXPRESSIONS ?? 0) / 10));
const SEED = Number(process.env.SELVEDGE_SEED ?? 1);
const TOGETHER = 500;
/** The least share of the reads that PostgreSQL answers that must be answered here. */
const LEAST_ANSWERED = 0.7;

const both = sidesOfTests();

/** What is wrong, by what it is about: of several reads that are, the shortest. */
class Wrong {
  #found = new Map();

  add({ labels }, outcome, text) {
    const signature = `${outcome}: ${[...new Set(labels)].sort().join(" + ")}`;
    const known = this.#found.get(signature);
    if (known && known.text.length <= text.length) known.count += 1;
    else this.#found.set(signature, { labels, outcome, text, count: (known?.count ?? 0) + 1 });
  }

  /** Those that no simpler one explains. */
  list() {
    const all = [...this.#found.values()];
    const single = new Set(all.filter(({ labels }) => labels.length === 1).map(({ labels, outcome }) => outcome + labels[0]));
    const isExplained = ({ labels, outcome }) => labels.length > 1 && labels.some((one) => single.has(outcome + one));
    return all.filter((one) => !isExplained(one)).sort((a, b) => a.labels.length - b.labels.length || b.count - a.count);
  }
}

const show = ({ query, sql, theirs, ours }) =>
  `    ${decodeURIComponent(query)}\n    ${sql}\n  PostgreSQL ${shortly(theirs)}\n  here       ${shortly(ours)}`;

/** Puts many reads to both, on rows of their own. */
async function readMany(seed, count, { tally, wrong }) {
  const random = new Random(seed);
  const here = await settleReads(both.postgres, seed);
  const reads = Array.from({ length: count }, () => read(random));
  for (const found of await readBoth({ ...both, world: here }, reads)) {
    const isFine = ["equal", "unsupported", "unread"].includes(found.outcome);
    const isListed = !isFine && Boolean(explainedRead(found));
    const key = `${found.kind} ${isListed ? "listed" : found.outcome}`;
    tally[key] = (tally[key] ?? 0) + 1;
    if (!isFine && !isListed) wrong.add(found, key, show(found));
  }
}

test("reads are answered as PostgreSQL answers the SQL that PostgREST documents", async () => {
  const tally = {};
  const wrong = new Wrong();
  for (let done = 0; done < COUNT; done += TOGETHER) {
    await readMany(SEED + done / TOGETHER, Math.min(TOGETHER, COUNT - done), { tally, wrong });
  }
  console.log(`${COUNT} reads, SELVEDGE_SEED=${SEED}: ${JSON.stringify(tally)}`);
  const found = wrong.list();
  const shown = found.slice(0, 60).map(({ outcome, labels, count, text }) => `${outcome}, ${count} times: ${labels.join(" + ")}\n${text}`);
  assert.equal(found.length, 0, `from SELVEDGE_SEED=${SEED}\n\n${shown.join("\n\n")}\n`);
  const equal = Object.entries(tally).reduce((sum, [key, count]) => sum + (key.endsWith("equal") ? count : 0), 0);
  assert.ok(equal / COUNT >= LEAST_ANSWERED, "too little is supported");
});

// Many generated expressions, judged in batches, with what came of them.

import { explained } from "./differences.mjs";
import { isDifference, judgeBoth, report } from "./compare.mjs";
import { isUnreached } from "./reached.mjs";
import { shrink } from "./shrink.mjs";
import { labels, render } from "./tree.mjs";

const TOGETHER = 512;
/** What depends on the clock is tried again before it is believed. */
const CLOCK = /\b(now\(\)|current_|localtime|'(now|today|yesterday|tomorrow)')/i;

/**
 * Judges `count` expressions of the generator. Of each kind, `limit` differences are made small, one for each set of
 * entries that they come down to; `failures` has them by kind and these, and keeps those of other campaigns.
 */
export async function campaign(sides, generator, count, { limit = 6, failures = new Map() } = {}) {
  const tally = { equal: 0, rejected: 0, refused: 0, leaks: 0, builds: 0, hides: 0, raises: 0, listed: 0 };
  const refusals = new Map();
  const used = new Map();
  for (let done = 0; done < count; done += TOGETHER) {
    const trees = Array.from({ length: Math.min(TOGETHER, count - done) }, () => generator.condition());
    const judged = await judgeBoth(sides, trees.map(render));
    for (const [index, found] of judged.entries()) {
      found.isUnreached = await isUnreached(sides, trees[index], found);
      const kind = explained(found) ? "listed" : found.kind;
      tally[kind] += 1;
      if (kind === "equal") for (const label of labels(trees[index])) count1(used, label);
      if (kind === "refused") count1(refusals, normalized(found.ours.refused[0].message));
      if (kind === "listed" || !isDifference(found)) continue;
      if ([...failures.keys()].filter((one) => one.startsWith(found.kind)).length >= limit) continue;
      if (CLOCK.test(found.sql) && !(await lasts(sides, found))) continue;
      const small = await shrink(sides, trees[index], found);
      if (explained({ ...small.found, isUnreached: await isUnreached(sides, small.tree, small.found) })) continue;
      const signature = `${small.found.kind}: ${labels(small.tree).filter((label) => label !== "leaf").join(" + ")}`;
      if (failures.has(signature)) continue;
      failures.set(signature, report(small.found));
    }
  }
  return { tally, refusals, failures, used };
}

const count1 = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);

/** The message without the names in it. */
const normalized = (message) => message.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, "..").slice(0, 100);

async function lasts(sides, found) {
  const again = await judgeBoth(sides, [found.sql, found.sql, found.sql]);
  return again.every(({ kind }) => kind === found.kind);
}

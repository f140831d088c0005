// Makes a failing expression smaller while it fails in the same way.

import { judgeBoth } from "./compare.mjs";
import { isNode, node, nodes, render, replaced } from "./tree.mjs";
import { COLUMNS, baseOf } from "./types.mjs";

const ROUNDS = 40;
/** Candidates of one round. */
const TOGETHER = 400;

/** The simplest expressions of a type. */
function simplest(type) {
  const columns = Object.entries(COLUMNS).filter(([, of]) => baseOf(of) === type);
  const constants = type === "bool" ? ["true", "false"] : [`null::${type}`];
  return [...columns.slice(0, 2).map(([name]) => name), ...constants].map((sql) =>
    node(type, "leaf", [sql], { atom: !sql.includes("::") }),
  );
}

/** Smaller trees, the smallest first. */
function* candidates(tree) {
  const inner = nodes(tree).slice(1);
  for (const one of inner.toReversed()) if (one.type === "bool") yield { ...one, bare: false };
  for (const one of nodes(tree)) {
    if (!one.parts.some(isNode) && one.parts.join("").length < 4) continue;
    for (const within of nodes(one).slice(1)) if (within.type === one.type) yield replaced(tree, one, within);
    for (const simple of simplest(one.type)) yield replaced(tree, one, simple);
  }
  for (const one of nodes(tree)) if (one.bare) yield replaced(tree, one, { ...one, bare: false });
}

const size = (tree) => [nodes(tree).length, render(tree).length];
const isSmaller = (one, other) => one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);

/** The smallest tree found that differs in the same way, and how. */
export async function shrink(sides, tree, found) {
  let best = { tree, found };
  for (let round = 0; round < ROUNDS; round += 1) {
    const smaller = [...candidates(best.tree)].filter((one) => isSmaller(size(one), size(best.tree)));
    const seen = new Map(smaller.map((one) => [render(one), one]));
    const sorted = [...seen].sort(([, a], [, b]) => (isSmaller(size(a), size(b)) ? -1 : 1)).slice(0, TOGETHER);
    if (sorted.length === 0) break;
    const judged = await judgeBoth(sides, sorted.map(([sql]) => sql));
    const place = judged.findIndex(({ kind }) => kind === found.kind);
    if (place < 0) break;
    best = { tree: sorted[place][1], found: judged[place] };
  }
  return best;
}

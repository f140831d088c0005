// Whether an operand that fails was computed at all.

import { judgeBoth } from "./compare.mjs";
import { isNode, nodes, render } from "./tree.mjs";

/**
 * Of rows for which one side fails and the other does not: whether each operand that makes the one fail does the same to
 * the other, once it stands alone. Then it only was not computed.
 */
export async function isUnreached(sides, tree, { kind, rows, postgres }) {
  const [failing, other] = kind === "raises" ? ["ours", "postgres"] : ["postgres", "ours"];
  const isAboutFailing = kind === "raises" || (kind === "leaks" && rows.every((id) => postgres.raised.includes(id)));
  if (!isAboutFailing) return false;
  const inner = nodes(tree).filter((one) => !one.parts.every((part) => !isNode(part) && /^\(?[\w.]+\)?$/.test(part)));
  const judged = await judgeBoth(sides, inner.map((one) => `(${render(one)}) is null`));
  const verdictOf = new Map(inner.map((one, index) => [one, judged[index]]));
  // Without its surroundings, a null or a string may have no type; what holds it is judged instead.
  const fails = (side, one, id) => verdictOf.get(one)?.[side].raised?.includes(id) ?? false;
  return rows.every((id) => {
    const all = inner.filter((one) => fails(failing, one, id));
    const innermost = all.filter((one) => !nodes(one).slice(1).some((within) => fails(failing, within, id)));
    return innermost.length > 0 && innermost.every((one) => fails(other, one, id));
  });
}

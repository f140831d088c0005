// Expressions as trees, so that they can be made smaller.

/**
 * `parts` are texts and inner nodes, in order; `label` names the entry of the language that the node uses; `atom` says
 * that it needs no parentheses inside of others; `bare` inner nodes go without them even so.
 */
export function node(type, label, parts, { atom = false } = {}) {
  return { type, label, parts, atom, bare: false };
}

export const isNode = (part) => typeof part !== "string";

/** The SQL of an expression. */
export function render(tree) {
  const inner = (part) => {
    if (!isNode(part)) return part;
    const text = render(part);
    return part.atom || part.bare ? text : `(${text})`;
  };
  return tree.parts.map(inner).join("");
}

/** All nodes, the outermost first. */
export function nodes(tree) {
  return [tree, ...tree.parts.filter(isNode).flatMap(nodes)];
}

/** The labels of all entries that it uses. */
export const labels = (tree) => [...new Set(nodes(tree).map((one) => one.label))].sort();

/** The same tree with one node in another's place. */
export function replaced(tree, old, other) {
  if (tree === old) return { ...other, bare: false };
  return { ...tree, parts: tree.parts.map((part) => (isNode(part) ? replaced(part, old, other) : part)) };
}

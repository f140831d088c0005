// SQL as a list of tokens, so that two texts which mean the same compare equal: without comments and white space,
// words in lower case, quoted names as bare ones. String literals stay as they are.

const TOKEN =
  /(?<skip>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>'(?:[^']|'')*')|(?<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?<word>[\p{L}\p{N}_$.@:?]+)|(?<mark>[\s\S])/gu;

export function tokens(sql) {
  const found = [];
  for (const { groups } of sql.matchAll(TOKEN)) {
    if (groups.skip !== undefined) continue;
    if (groups.name !== undefined) found.push(unquote(groups.name).toLowerCase());
    else found.push(groups.text ?? groups.word?.toLowerCase() ?? groups.mark);
  }
  while (found.at(-1) === ";") found.pop();
  return found;
}

function unquote(name) {
  const inside = name.slice(1, -1);
  return name[0] === "[" ? inside : inside.replaceAll(name[0] + name[0], name[0]);
}

export const sameSql = (left, right) => tokens(left).join(" ") === tokens(right).join(" ");

const CONSTRAINTS = new Set(["constraint", "primary", "unique", "check", "foreign"]);

/**
 * The parts of a CREATE TABLE: columns by name, constraints of the whole table, and what follows the parenthesis.
 * `source` of a column is its text as written, for ALTER TABLE. Null for what has no list of columns.
 */
export function tableParts(sql) {
  const body = bodyOf(sql);
  if (!body) return null;
  const parts = { columns: new Map(), constraints: [], options: tokens(body.after).join(" ") };
  for (const source of body.items) {
    const words = tokens(source);
    const isConstraint = CONSTRAINTS.has(words[0]) && !/^["'`[]/.test(withoutComments(source));
    if (isConstraint) parts.constraints.push(words.join(" "));
    else if (words.length) parts.columns.set(words[0], { words: words.slice(1), source: withoutComments(source) });
  }
  parts.constraints.sort();
  return parts;
}

const withoutComments = (text) => {
  const kept = [...text.matchAll(TOKEN)].map(({ 0: token, groups }) => (groups.skip === undefined ? token : " "));
  return kept.join("").replace(/ +/g, " ").trim();
};

/** Splits the outermost parenthesis at its own commas. */
function bodyOf(sql) {
  let depth = 0;
  let start = 0;
  const items = [];
  for (const match of sql.matchAll(TOKEN)) {
    if (match.groups.mark === undefined) continue;
    const [mark] = match;
    if (mark === "(" && ++depth === 1) start = match.index + 1;
    if (mark === "," && depth === 1) {
      items.push(sql.slice(start, match.index));
      start = match.index + 1;
    }
    if (mark === ")" && --depth === 0) {
      items.push(sql.slice(start, match.index));
      return { items, after: sql.slice(match.index + 1) };
    }
  }
  return null;
}

/** The table that a `CREATE VIRTUAL TABLE .. USING fts5 (.., content='table')` indexes, or null for anything else. */
export function indexedTable(sql) {
  const words = tokens(sql);
  if (words[0] !== "create" || words[1] !== "virtual" || words[words.indexOf("using") + 1] !== "fts5") return null;
  const at = words.findIndex((word, index) => word === "content" && words[index + 1] === "=");
  const name = at < 0 ? "" : words[at + 2];
  return (name.startsWith("'") ? name.slice(1, -1).replaceAll("''", "'") : name).toLowerCase() || null;
}

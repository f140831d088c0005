// Does what the compiler's help says, without a thought: the text between backquotes is put in the place that the
// message points at, with `..` filled by what stood there.

/** The beginning of the policy in which the judge compiles a condition (src/compiler/conditions.rs). */
const before = (table) => `create policy "x" on "${table}" for select to authenticated using (`.length;

/** Splits at commas, operators or words that stand outside of parentheses and strings. */
function topLevel(text, separator) {
  const parts = [""];
  let depth = 0;
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place];
    if (character === "'") {
      const end = /'(?:[^']|'')*'/y;
      end.lastIndex = place;
      const string = end.exec(text)?.[0] ?? character;
      parts[parts.length - 1] += string;
      place += string.length - 1;
      continue;
    }
    if ("([".includes(character)) depth += 1;
    if (")]".includes(character)) depth -= 1;
    separator.lastIndex = place;
    const found = depth === 0 ? separator.exec(text) : null;
    if (found) {
      parts.push("");
      place += found[0].length - 1;
    } else {
      parts[parts.length - 1] += character;
    }
  }
  return parts.map((part) => part.trim());
}

const OPERATOR = /\s*(?:[-+*\/<>=~!@#%^&|?]+|\b(?:not\s+)?(?:i?like|similar to|in|between|and)\b|\bis\s+(?:not\s+)?distinct\s+from\b)\s*/iy;

/** What a text consists of: the arguments of a call, the operands of an operator, the value of a cast. */
export function operandsOf(text) {
  const call = text.match(/^[\w.]+\s*\(([\s\S]*)\)$/);
  if (call && topLevel(text, /\)(?=.)/y).length === 1) return topLevel(call[1], /,|\bfrom\b|\bin\b/iy).filter((one) => one !== "");
  const sides = topLevel(text, OPERATOR);
  if (sides.length > 1) return sides;
  const cast = topLevel(text, /::/y);
  return [cast[0]];
}

/** The bounds, moved outwards to where parentheses are closed and a cast's type ends. */
function widened(text, [from, to]) {
  const depth = (part) => [...part.replaceAll(/'(?:[^']|'')*'/g, "")].reduce((sum, one) => sum + (one === "(") - (one === ")"), 0);
  let end = to;
  while (end < text.length && depth(text.slice(from, end)) > 0) end += 1;
  return [from, end];
}

/** The operands fill the places in their order; a single place in a call takes them all. */
function filled(template, operands) {
  const places = template.split("..").length - 1;
  if (places === 0) return template;
  if (places === 1 && operands.length > 1) {
    return /\(\.\.\)/.test(template) ? template.replace("..", () => operands.join(", ")) : template.replace("..", () => operands[0]);
  }
  if (operands.length < places) return null;
  const queue = [...operands];
  return template.replaceAll("..", () => queue.shift());
}

/** The texts that the help offers. */
export const offered = (help) => [...(help ?? "").matchAll(/`([^`]+)`/g)].map(([, text]) => text);

/** Every expression that comes of doing what one diagnostic says. */
export function followed(table, expression, { help, start, end, message }) {
  const [from, to] = [start[1] - 1 - before(table), end[1] - 1 - before(table)];
  if (start[0] !== 1 || end[0] !== 1 || from < 0 || to > expression.length) return [];
  let bounds = widened(expression, [from, to]);
  const cast = /^\s*::\s*[\w ]+(\([\d, ]*\))?(\[\])?/.exec(expression.slice(bounds[1]));
  if (cast && /cast/.test(message)) bounds = [bounds[0], bounds[1] + cast[0].trimEnd().length];
  const text = expression.slice(...bounds);
  const replacements = offered(help).map((template) => filled(template, operandsOf(text)));
  return replacements.filter((one) => one !== null).map((one) => expression.slice(0, bounds[0]) + one + expression.slice(bounds[1]));
}

/**
 * Expressions whose help once led elsewhere, on the table of tests/postgres/policies/: each is followed until it builds,
 * and then it admits what PostgreSQL admits by the expression as it was written.
 */
export const MISLEADING = [
  "((select (auth.jwt()->>'is_anonymous')::boolean) is false)",
  "(auth.jwt() -> 'app_metadata' -> 'banned')::boolean is not true",
  "(auth.jwt() ->> 'is_anonymous')::boolean is false",
  "jsonb_typeof(data -> 'n') = 'number'",
  "array_length(tags, 1) > 1",
  "array_length(tags, 1) is null",
  "coalesce(array_length(shared_with, 1), 0) = 0",
  "jsonb_array_length(data -> 'roles') > 1",
  "greatest(priority, required_level) >= 3",
  "least(priority, required_level) >= 3",
  "btrim(status) = 'draft'",
  "tags <@ array['news', 'public']",
  "strpos(email, '@') > 1",
  "char_length(status) > 5",
  "email ilike '%@ACME.test'",
  "position('@' in email) > 1",
  "due::timestamptz < now()",
  "created_at::date = current_date",
  "expires_at > now() + interval '5 minutes'",
  "extract(year from created_at) = 2025",
  "date_trunc('day', created_at) = created_at",
  "data @> '{\"public\": true}'",
  "data ? 'public'",
  "shared_with @> array[auth.uid()]",
  "priority = any (array[1, 3])",
  "'admin' = any (array(select role from profiles where id = auth.uid()))",
  "created_at at time zone 'UTC' < localtimestamp",
  "current_setting('request.jwt.claims', true)::jsonb ->> 'sub' = user_id::text",
  "status ~ '^d'",
];

// Arguments that make sense, where most texts would not: names of fields, keys, patterns, formats.

const FIELDS = [
  "year", "month", "day", "hour", "minute", "second", "epoch", "dow", "isodow", "doy", "week", "quarter", "isoyear",
  "century", "decade", "milliseconds", "microseconds", "millennium", "julian",
];
const UNITS = ["microseconds", "milliseconds", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade", "century", "DAY"];
const KEYS = ["a", "b", "c", "tags", "app_metadata", "role", "sub", "level", "is_anonymous", ""];
const PATHS = ["{a}", "{a,b}", "{a,b,0}", "{a,b,1,c}", "{tags,0}", "{app_metadata,role}", "{0}", "{-1}", "{}", "{a,x}"];
const PATTERNS = ["^a", "b$", "^a.*b$", "a|b", "^[a-z]+$", "\\d+", "^$", "A", "^(a|b)", "a{2}", "[[:alpha:]]", "@acme\\.test$", "x?", "^\\w+$"];
const LIKES = ["a%", "%b", "_", "A_", "%a%", "a\\%", "%", "", "ab", "a%b", "日%", "__"];
const SEPARATORS = [",", " ", "a", "@", "", "xx"];
const ENCODINGS = ["hex", "base64", "escape", "HEX"];
const FORMATS = ["YYYY-MM-DD", "YYYY", "MM", "HH24:MI:SS", "Day", "YYYY-MM", "DD.MM.YYYY", "ID", "IYYY-IW", "Mon", "FM999", "999.99"];
const ZONES = ["UTC", "utc", "Europe/Berlin", "+02", "America/New_York"];

/** By kind and name: the place of an argument, and texts for it. */
const FITTING = {
  "function extract": [0, FIELDS],
  "function date_part": [0, FIELDS],
  "function date_trunc": [0, UNITS],
  "function encode": [1, ENCODINGS],
  "function decode": [1, ENCODINGS],
  "function split_part": [1, SEPARATORS],
  "function string_to_array": [1, SEPARATORS],
  "function array_to_string": [1, SEPARATORS],
  "function concat_ws": [0, SEPARATORS],
  "function to_char": [1, FORMATS],
  "function timezone": [0, ZONES],
  "function regexp_replace": [1, PATTERNS],
  "function regexp_like": [1, PATTERNS],
  "function jsonb_exists": [1, KEYS],
  "operator ->": [1, KEYS],
  "operator ->>": [1, KEYS],
  "operator ?": [1, KEYS],
  "operator #>": [1, PATHS],
  "operator #>>": [1, PATHS],
  "operator ~": [1, PATTERNS],
  "operator ~*": [1, PATTERNS],
  "operator !~": [1, PATTERNS],
  "operator !~*": [1, PATTERNS],
  "operator ~~": [1, LIKES],
  "operator !~~": [1, LIKES],
  "operator ~~*": [1, LIKES],
  "operator !~~*": [1, LIKES],
};

/** Texts that suit an argument of an entry; nothing where any do. */
export function fitting({ kind, name, arguments: types }, place) {
  const [where, texts] = FITTING[`${kind} ${name}`] ?? [];
  const type = types[place];
  return where === place && (type === "text" || type === "text[]") ? texts : null;
}

/** Functions that are called with words between their arguments. */
export const WORDED = {
  position: ([part, whole]) => ["position(", part, " in ", whole, ")"],
  extract: ([field, from]) => ["extract(", field, " from ", from, ")"],
};

export { FIELDS };

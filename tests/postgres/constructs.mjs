// What SQL has a syntax of its own for: tests, lists, cases, sub-selects.

import { FIELDS } from "./fitting.mjs";
import { separated } from "./generate.mjs";
import { typeName } from "./literals.mjs";
import { node } from "./tree.mjs";
import { isArray, itemOf } from "./types.mjs";

const COMPARISONS = ["=", "<>", "<", "<=", ">", ">=", "!="];
const TIMES = ["date", "time", "timestamp", "timestamptz", "interval"];
const SUBSCRIPTED = ["bool", "uuid", "float8", "date"];
/** The columns of the second table. */
export const OTHERS = {
  id: "int4", owner: "uuid", name: "text", n: "int4", amount: "numeric", at: "timestamptz", day: "date", active: "bool",
  thing_id: "int4", data: "jsonb", tags: "text[]",
};

/** `of(type)` gives `[[weight, (depth) => tree], ..]`. */
export function constructs(generator) {
  const tests = booleans(generator);
  return { of: (type) => [...(type === "bool" ? tests : []), ...any(generator, type), ...ofType(generator, type)] };
}

function booleans(g) {
  const { random } = g;
  const make = (label, parts, options) => node("bool", label, parts, options);
  const not = () => (random.chance(0.35) ? "not " : "");
  const joined = (word) => (depth) => make(word, [g.operand("bool", depth), ` ${word} `, g.operand("bool", depth)]);
  const list = (type, depth) => separated(Array.from({ length: random.below(3) + 1 }, () => g.operand(type, depth)));
  const ordered = () => g.anyType();
  return [
    [3, joined("and")],
    [3, joined("or")],
    [2.5, (depth) => make("not", ["not ", g.operand("bool", depth)])],
    [2, (depth) => make("is null", [g.operand(g.anyType(), depth), ` is ${not()}null`])],
    [2, (depth) => make("is true", [g.operand("bool", depth), ` is ${not()}${random.pick(["true", "false", "unknown"])}`])],
    [2, (depth) => {
      const type = g.anyType();
      return make(`is distinct ${type}`, [g.operand(type, depth), ` is ${not()}distinct from `, g.operand(type, depth)]);
    }],
    [2, (depth) => {
      const type = g.anyType();
      return make(`in ${type}`, [g.operand(type, depth), ` ${not()}in (`, ...list(type, depth), ")"]);
    }],
    [2, (depth) => {
      const type = ordered();
      const word = random.chance(0.15) ? "between symmetric" : "between";
      const [low, high] = [g.operand(type, depth), g.operand(type, depth)];
      return make(`${word} ${type}`, [g.operand(type, depth), ` ${not()}${word} `, low, " and ", high]);
    }],
    [2.5, (depth) => like(g, make, not, depth)],
    [2, (depth) => {
      const type = g.anyArray();
      const word = random.pick(["any", "any", "all", "some"]);
      const operator = random.weighted([[3, "="], [2, "<>"], [1, random.pick(COMPARISONS)]]);
      const label = `${operator} ${word} ${type}`;
      return make(label, [g.operand(itemOf(type), depth), ` ${operator} ${word} (`, g.operand(type, depth), ")"]);
    }],
    [g.others ? 2 : 0, (depth) => subqueries(g, make, not, depth)],
    [0.4, (depth) => rows(g, make, depth)],
  ];
}

function like(g, make, not, depth) {
  const word = g.random.pick(["like", "like", "ilike"]);
  const patterns = ["'a%'", "'%b'", "'_'", "'A_'", "'%a%'", "'a\\%'", "'%'", "''", "'ab'", "'\\\\'", "'É%'", "'a%b'"];
  const pattern = g.random.chance(0.75) ? g.random.pick(patterns) : g.operand("text", depth);
  const escape = g.random.chance(0.08) ? " escape '!'" : "";
  return make(word, [g.operand("text", depth), ` ${not()}${word} `, pattern, escape]);
}

/** Sub-selects from the second table, some about the row. */
function subqueries(g, make, not, depth) {
  const { random } = g;
  const name = random.pick(Object.keys(OTHERS));
  const type = OTHERS[name];
  const inner = () => {
    const correlated = random.chance(0.5) ? ["o.thing_id = things.id"] : [];
    const filter = [`o.active`, `o.n > ${random.below(5)}`, "o.owner = auth.uid()", "o.name like 'a%'", "not o.active"];
    const conditions = [...correlated, ...(random.chance(0.6) ? [random.pick(filter)] : [])];
    return conditions.length > 0 ? ` where ${conditions.join(" and ")}` : "";
  };
  const subject = () => g.operand(type, depth);
  return random.weighted([
    [3, () => make("exists", [`${not()}exists (select 1 from others o${inner()})`], { atom: true })],
    [3, () => make("in select", [subject(), ` ${not()}in (select o.${name} from others o${inner()})`])],
    [2, () => make("any select", [subject(), ` ${random.pick(COMPARISONS)} any (select o.${name} from others o${inner()})`])],
    [1, () => make("all select", [subject(), ` ${random.pick(COMPARISONS)} all (select o.${name} from others o${inner()})`])],
    [2, () => {
      const compared = [`exists (select 1 from others o where o.${name} = `, subject(), ")"];
      return make("exists compared", compared, { atom: true });
    }],
  ])();
}

function rows(g, make, depth) {
  const types = [g.anyType(), g.anyType()];
  const row = () => ["(", ...separated(types.map((type) => g.operand(type, depth))), ")"];
  return make("row comparison", [...row(), ` ${g.random.pick(COMPARISONS)} `, ...row()]);
}

/** What there is for every type. */
function any(g, type) {
  const { random } = g;
  const make = (label, parts, options) => node(type, `${label} ${type}`, parts, options);
  const some = (depth) => separated(Array.from({ length: random.below(2) + 2 }, () => g.operand(type, depth)));
  const call = (name) => (depth) => make(name, [`${name}(`, ...some(depth), ")"], { atom: true });
  return [
    [1, call("coalesce")],
    [0.7, (depth) => make("nullif", ["nullif(", g.operand(type, depth), ", ", g.operand(type, depth), ")"], { atom: true })],
    [0.7, call("greatest")],
    [0.7, call("least")],
    [1, (depth) => searched(g, make, type, depth)],
    [0.6, (depth) => make("(select ..)", ["(select ", g.operand(type, depth), ")"], { atom: true })],
    [g.others && Object.values(OTHERS).includes(type) ? 0.8 : 0, () => {
      const columns = Object.keys(OTHERS).filter((name) => OTHERS[name] === type);
      const sql = `(select o.${random.pick(columns)} from others o where o.id = ${random.below(4)})`;
      return make("scalar sub-select", [sql], { atom: true });
    }],
  ];
}

function searched(g, make, type, depth) {
  const otherwise = g.random.chance(0.7) ? [" else ", g.operand(type, depth)] : [];
  if (g.random.chance(0.6)) {
    return make("case", ["case when ", g.operand("bool", depth), " then ", g.operand(type, depth), ...otherwise, " end"], { atom: true });
  }
  const subject = g.anyType();
  const branch = [" when ", g.operand(subject, depth), " then ", g.operand(type, depth)];
  return make(`case ${subject}`, ["case ", g.operand(subject, depth), ...branch, ...otherwise, " end"], { atom: true });
}

/** What there is for some types. */
function ofType(g, type) {
  const { random } = g;
  const make = (label, parts, options) => node(type, label, parts, options);
  const time = () => random.pick(TIMES);
  const others = g.others ? 1 : 0;
  switch (type) {
    case "numeric":
      return [[3, (depth) => {
        const of = time();
        return make(`extract ${of}`, [`extract(${random.pick(FIELDS)} from `, g.operand(of, depth), ")"], { atom: true });
      }]];
    case "int4":
      return [[1.5, (depth) => make("position", ["position(", g.operand("text", depth), " in ", g.operand("text", depth), ")"], { atom: true })]];
    case "int8":
      return [[others, () => make("count", [`(select count(*) from others o where o.n > ${random.below(5)})`], { atom: true })]];
    case "text":
      return [
        [1, (depth) => make("substring from", ["substring(", g.operand("text", depth), " from ", g.operand("int4", depth), " for ", g.operand("int4", depth), ")"], { atom: true })],
        [1, (depth) => make("trim", [`trim(${random.pick(["", "both from ", "leading from ", "trailing from "])}`, g.operand("text", depth), ")"], { atom: true })],
        [0.5, (depth) => make("trim of", ["trim(both 'ax' from ", g.operand("text", depth), ")"], { atom: true })],
        [2, (depth) => make("->>", [g.operand("jsonb", depth), " ->> ", random.pick(["'a'", "'b'", "'app_metadata'", "0", "-1", "'sub'"])])],
      ];
    case "jsonb":
      return [[2, (depth) => make("->", [g.operand("jsonb", depth), " -> ", random.pick(["'a'", "'b'", "'app_metadata'", "0", "-1"])])]];
    case "timestamp":
      return [[0.7, (depth) => make("at time zone timestamptz", [g.operand("timestamptz", depth), ` at time zone ${zone(random)}`])]];
    case "timestamptz":
      return [[0.7, (depth) => make("at time zone timestamp", [g.operand("timestamp", depth), ` at time zone ${zone(random)}`])]];
    default:
      return [
        ...(isArray(type) ? arrays(g, type, make) : []),
        [SUBSCRIPTED.includes(type) ? 0.5 : 0,
          (depth) => make(`subscript ${type}`, [g.operand(`${type}[]`, depth), `[${random.below(4)}]`])],
      ];
  }
}

const zone = (random) => random.pick(["'UTC'", "'utc'", "'Europe/Berlin'", "'+02'"]);

function arrays(g, type, make) {
  const items = (depth) => separated(Array.from({ length: g.random.below(3) + 1 }, () => g.operand(itemOf(type), depth)));
  return [
    [3, (depth) => make(`array ${type}`, ["array[", ...items(depth), "]"], { atom: true })],
    [1, (depth) => make(`array cast ${type}`, ["array[", ...items(depth), `]::${typeName(type, g.random)}`])],
    [type === "text[]" ? 2 : 0, (depth) => make("string_to_array", ["string_to_array(", g.operand("text", depth), ", ',')"], { atom: true })],
  ];
}

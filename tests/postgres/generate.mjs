// Random expressions, well typed for the most part: what PostgreSQL makes of each is for PostgreSQL to say.

import { constructs } from "./constructs.mjs";
import { WORDED, fitting } from "./fitting.mjs";
import { literal, typeName } from "./literals.mjs";
import { node } from "./tree.mjs";
import { COLUMNS, baseOf, isArray, itemOf, quote } from "./types.mjs";

/** How often each type is asked for where any would do. */
const TYPE_WEIGHTS = [
  [3, "bool"], [1, "int2"], [4, "int4"], [2, "int8"], [3, "numeric"], [2, "float8"], [0.3, "float4"], [0.3, "json"], [5, "text"], [2, "varchar"],
  [3, "uuid"], [3, "date"], [2, "time"], [3, "timestamp"], [4, "timestamptz"], [2, "interval"], [4, "jsonb"], [1, "bytea"],
  [2, "text[]"], [2, "int4[]"], [1, "uuid[]"], [0.5, "int8[]"], [0.5, "bool[]"], [0.5, "float8[]"], [0.5, "numeric[]"],
  [0.5, "date[]"], [0.5, "timestamptz[]"],
];
const ARRAY_WEIGHTS = TYPE_WEIGHTS.filter(([, type]) => isArray(type));

/** What differs from call to call or asks for the caller. */
const CALLS = {
  uuid: ["auth.uid()"],
  text: ["auth.role()", "auth.email()"],
  jsonb: ["auth.jwt()"],
  date: ["current_date"],
  timestamptz: ["now()", "current_timestamp"],
};

/** What the nodes that use an entry are called. */
export const labelOf = ({ kind, name, arguments: types, result }) => `${kind} ${name}(${types.join(",")}) ${result}`;

export class Generator {
  /** `language`: the entries; `columns`: a column's type by name; `illTyped`: how often an operand is of a wrong type. */
  constructor(language, random, { columns = COLUMNS, others = true, illTyped = 0.08, bare = 0.12 } = {}) {
    this.random = random;
    this.settings = { illTyped, bare };
    this.others = others;
    this.columns = Map.groupBy(Object.entries(columns), ([, type]) => baseOf(type));
    this.entries = new Map();
    this.polymorphic = [];
    for (const entry of language) {
      const results = entry.result.startsWith("any") ? this.polymorphic : this.#of(entry.result);
      results.push({ ...entry, label: labelOf(entry) });
    }
    this.constructs = constructs(this);
  }

  #of(type) {
    if (!this.entries.has(type)) this.entries.set(type, []);
    return this.entries.get(type);
  }

  /** A condition: a tree. */
  condition() {
    this.wrong = this.random.chance(0.2) ? this.settings.illTyped * 2 : 0;
    return this.expression("bool", this.random.weighted([[3, 1], [4, 2], [3, 3], [1, 4]]));
  }

  anyType() {
    return this.random.weighted(TYPE_WEIGHTS);
  }

  anyArray() {
    return this.random.weighted(ARRAY_WEIGHTS);
  }

  /** An expression of that type, as deep as that at most. */
  expression(type, depth) {
    if (depth <= 0 || this.random.chance(0.12)) return this.leaf(type);
    const entries = this.#of(type);
    const special = this.constructs.of(type);
    const weight = type === "bool" ? 5 : Math.min(6, entries.length);
    for (let tries = 0; tries < 4; tries += 1) {
      const choice = this.random.weighted([
        [weight, () => this.entry(this.random.pick(entries), type, depth)],
        [isArray(type) || entries.length === 0 ? 3 : 0.7, () => this.#polymorphicEntry(type, depth)],
        [5, () => this.random.weighted(special)(depth)],
      ]);
      const made = choice();
      if (made) return made;
    }
    return this.leaf(type);
  }

  #polymorphicEntry(type, depth) {
    const fits = (entry) => (entry.result.endsWith("array") ? isArray(type) : true);
    const entries = this.polymorphic.filter(fits);
    return entries.length === 0 ? null : this.entry(this.random.pick(entries), type, depth);
  }

  /** A column, a literal, a claim or null. */
  leaf(type) {
    const columns = this.columns.get(type);
    const sql = this.random.weighted([
      [columns ? 6 : 0, () => this.random.pick(columns)[0]],
      [3, () => literal(type, this.random)],
      [CALLS[type] ? 1.5 : 0, () => this.random.pick(CALLS[type])],
      [0.25, () => (this.random.chance(0.5) ? "null" : `null::${typeName(type, this.random)}`)],
    ])();
    return node(type, "leaf", [sql], { atom: !sql.includes("::") && !sql.includes(" ") && !sql.startsWith("-") });
  }

  /** What stands inside of another expression. */
  operand(type, depth) {
    const wanted = this.wrong > 0 && this.random.chance(this.wrong) ? this.anyType() : type;
    const inner = this.expression(wanted, depth - 1);
    // Without parentheses it may come to mean something else, in PostgreSQL as here.
    return { ...inner, bare: !inner.atom && this.random.chance(this.settings.bare) };
  }

  /** An operator, function or cast applied. */
  entry(entry, type, depth) {
    if (!entry) return null;
    const types = this.#bound(entry, type);
    const operands = types.map((one, place) => this.#argument(entry, one, place, depth));
    const of = (parts, options) => node(type, entry.label, parts, options);
    const worded = entry.kind === "function" && WORDED[entry.name];
    if (worded && operands.length === 2) return of(worded(operands), { atom: true });
    if (entry.kind === "function") return of([`${entry.name}(`, ...separated(operands), ")"], { atom: true });
    if (entry.kind === "cast") {
      const name = typeName(type, this.random);
      if (this.random.chance(0.8)) return of([operands[0], `::${name}`]);
      return of(["cast(", operands[0], ` as ${name})`], { atom: true });
    }
    if (operands.length === 1) return of([`${entry.name} `, operands[0]]);
    return of([operands[0], ` ${entry.name} `, operands[1]]);
  }

  #argument(entry, type, place, depth) {
    const texts = fitting(entry, place);
    if (!texts || this.random.chance(0.2)) return this.operand(type, depth);
    return node(type, "leaf", [quote(this.random.pick(texts))], { atom: true });
  }

  /** The types of the arguments, with those that may be any chosen. */
  #bound(entry, type) {
    const compatible = entry.result.endsWith("array") ? type : this.anyArray();
    const bind = (one) => {
      switch (one) {
        case "anyarray":
        case "anycompatiblearray":
          return entry.result === "anyelement" ? `${type}[]` : compatible;
        case "anyelement":
        case "anycompatible":
          return entry.arguments.some((other) => other.endsWith("array")) ? itemOf(compatible) : type;
        case "any":
          return this.anyType();
        default:
          return one;
      }
    };
    const types = entry.arguments.map(bind);
    if (entry.variadic) {
      // The last one is repeated; its item's type where it is an array.
      const last = types.pop();
      const item = () => (last === undefined || entry.arguments.at(-1) === "any" ? this.anyType() : itemOf(last));
      for (let count = this.random.below(3) + 1; count > 0; count -= 1) types.push(item());
    }
    return types;
  }
}

/** With commas between. */
export function separated(list) {
  return list.flatMap((one, index) => (index === 0 ? [one] : [", ", one]));
}

// Literals in the forms in which people write them.

import { TYPES, baseOf, isArray, itemOf, postgresLiteral, quote, valuesOf } from "./types.mjs";

/** Names that mean the same type. */
const NAMES = {
  bool: ["boolean", "bool"],
  int2: ["smallint", "int2"],
  int4: ["integer", "int", "int4"],
  int8: ["bigint", "int8"],
  numeric: ["numeric", "decimal", "numeric(10,2)", "numeric(6)"],
  float4: ["real", "float4"],
  float8: ["double precision", "float8", "float"],
  text: ["text"],
  varchar: ["varchar", "varchar(3)", "character varying"],
  time: ["time", "time without time zone"],
  timestamp: ["timestamp", "timestamp without time zone"],
  timestamptz: ["timestamptz", "timestamp with time zone"],
};

/** A way to write a type's name. */
export function typeName(type, random) {
  if (isArray(type)) return `${typeName(itemOf(type), random).replace(/\(.*\)/, "")}[]`;
  const names = NAMES[type] ?? [type];
  return random.chance(0.7) ? names[0] : random.pick(names);
}

const NUMBERS = ["int2", "int4", "int8", "numeric", "float4", "float8"];

/** A text that is a value of the type, seldom one that is not. */
export function text(type, random) {
  const { literals = [], wrong = [] } = TYPES[baseOf(type)];
  if (wrong.length > 0 && random.chance(0.015)) return random.pick(wrong);
  if (literals.length > 0 && random.chance(0.25)) return random.pick(literals);
  return random.pick(valuesOf(type));
}

function arrayText(items) {
  const item = (one) => {
    if (one === null) return "NULL";
    const plain = String(one);
    return /^[\w.-]+$/.test(plain) && plain !== "null" ? plain : `"${plain.replaceAll(/(["\\])/g, "\\$1")}"`;
  };
  return `{${items.map(item).join(",")}}`;
}

function arrayLiteral(type, random) {
  const value = random.pick(valuesOf(type));
  return random.weighted([
    [4, () => postgresLiteral(type, value)],
    [3, () => quote(arrayText(value))],
    [3, () => `${quote(arrayText(value))}::${typeName(type, random)}`],
  ])();
}

/** SQL of a literal of that type. */
export function literal(type, random) {
  if (isArray(type)) return arrayLiteral(type, random);
  if (type === "bool" && random.chance(0.6)) return random.pick(["true", "false"]);
  if (NUMBERS.includes(type) && random.chance(0.7)) {
    const value = random.pick(valuesOf(type));
    return value.startsWith("-") && random.chance(0.7) ? `(${value})` : value;
  }
  const quoted = quote(text(type, random));
  const name = typeName(type, random);
  return random.weighted([
    [5, quoted],
    [4, `${quoted}::${name}`],
    [1, type === "text" ? quoted : `${name.replace(/^(decimal|int|float|character varying)$/, type)} ${quoted}`],
    [1, `cast(${quoted} as ${name})`],
  ]);
}

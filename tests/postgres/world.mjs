// The two tables on whose rows expressions are evaluated in both databases, and the callers.

import { OTHERS } from "./constructs.mjs";
import { Random } from "./random.mjs";
import { COLUMNS, declared, postgresLiteral, sqliteLiteral, valuesOf } from "./types.mjs";

const UID = "11111111-1111-4111-8111-111111111111";

const claims = (jwt, email) => ({ uid: UID, role: "authenticated", email, jwt: { sub: UID, role: "authenticated", ...jwt } });

/** The callers: a user with many claims, an anonymous user, a user with only the required claims. */
const PEOPLE = [
  claims(
    {
      aud: "authenticated", email: "ada@example.com", aal: "aal1", is_anonymous: false, exp: 4102444800,
      app_metadata: { role: "admin", level: 3, teams: ["a", "b"], a: 1, b: true },
      user_metadata: { name: "Ada", beta: true, a: "b" },
      a: "x",
    },
    "ada@example.com",
  ),
  claims({ email: "", aal: "aal1", is_anonymous: true, app_metadata: {}, user_metadata: null, a: null, b: [1, "2"] }, ""),
  claims({ app_metadata: { role: null, level: "3", teams: [] }, a: { b: [true, { c: "x" }] } }, null),
];

const KEYS = { id: "integer primary key" };

function creation(table, columns, { text = (type) => type } = {}) {
  const lines = Object.entries(columns).map(([name, type]) => `  ${name} ${KEYS[name] ?? text(declared(type))}`);
  return `create table ${table} (\n${lines.join(",\n")}\n);\n`;
}

/** Every value of a column occurs, if there are rows enough, and null as often as not to be missed. */
function valuesOfColumn(type, count, random) {
  const values = valuesOf(type);
  const list = [...values, ...Array.from({ length: Math.ceil(count / 6) }, () => null)];
  while (list.length < count) list.push(random.pick(values));
  for (let place = list.length - 1; place > 0; place -= 1) {
    const other = random.below(place + 1);
    [list[place], list[other]] = [list[other], list[place]];
  }
  return list.slice(0, count);
}

function rowsOf(columns, count, random) {
  const ids = Array.from({ length: count }, (_, place) => String(place + 1));
  const lists = Object.entries(columns).map(([name, type]) => (name === "id" ? ids : valuesOfColumn(type, count, random)));
  return ids.map((_, row) => lists.map((list) => list[row]));
}

function insertion(table, columns, rows, literal) {
  const types = Object.values(columns);
  const list = rows.map((row) => `(${row.map((value, place) => literal(types[place], value)).join(", ")})`);
  return `insert into ${table} (${Object.keys(columns).join(", ")}) values\n${list.join(",\n")};\n`;
}

const policies = `create policy "everybody" on others for select to authenticated using (true);\n`;

/**
 * `columns`: what tables there are, `{ things: { id: "int4", .. } }`, by default those of the generator. The text
 * columns of the PostgreSQL side have the collation "C", so that `lower` and `ilike` know the letters of ASCII alone:
 * what is listed as different need not be found again and again.
 */
export function world(seed, { tables = { things: COLUMNS, others: OTHERS }, collation = ' collate "C"', count = 36 } = {}) {
  const random = new Random(seed);
  const collated = (type) => (/^(text|varchar)/.test(type) ? `${type}${collation}` : type);
  const side = { postgres: "", schema: "", rows: "" };
  for (const [table, columns] of Object.entries(tables)) {
    const rows = rowsOf(columns, count, random);
    side.schema += creation(table, columns);
    side.rows += insertion(table, columns, rows, sqliteLiteral);
    side.postgres += creation(table, columns, { text: collated }) + insertion(table, columns, rows, postgresLiteral);
  }
  return { ...side, policies, functions: "", table: "things", claims: PEOPLE[seed % PEOPLE.length] };
}

/** Puts the world's tables in the place of the last one's. */
export async function settle(postgres, { postgres: sql, claims }) {
  await postgres.exec(`reset role; drop table if exists things, others;\n${sql}`);
  await postgres.become(claims);
}

// Whole sets of policies under PostgreSQL's own row-level security.

import { claimsOf, identifier, insertRows, qualified, sqliteRows, tablesOf } from "./rows.mjs";
import { quote } from "./types.mjs";

/** A trigger in SQLite's words, which PostgreSQL does not read; a set has another one for PostgreSQL. */
const SQLITE_TRIGGER = /create\s+trigger\b(?:(?!;)[\s\S])*?\bbegin\b[\s\S]*?\bend\s*;/gi;

/** Sequences go on behind the greatest number. */
const CONTINUED = `
do $$ declare one record; begin
  for one in select c.oid::regclass as relation, quote_ident(a.attname) as name, pg_get_serial_sequence(c.oid::regclass::text, a.attname) as sequence
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
  loop
    if one.sequence is not null then
      execute format('select setval(%L, greatest((select max(%s) from %s), 1))', one.sequence, one.name, one.relation);
    end if;
  end loop;
end $$`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The people's accounts. */
function accounts({ people, rows }) {
  const known = new Set((rows["auth.users"] ?? []).map(({ id }) => id));
  // Other issuers have other ids.
  const claims = people.map((person) => person.claims).filter(({ sub }) => UUID.test(sub) && !known.has(sub));
  return [...new Map(claims.map(({ sub, email }) => [sub, { id: sub, email: email || null }])).values()];
}

/** Second factors, as Selvedge keeps them. */
function factors(rows) {
  const text = (value) => quote(String(value ?? ""));
  const values = rows.map((row) => `(${text(row.id)}, ${text(row.user_id)}, ${text(row.friendly_name ?? row.id)}, ${text(row.status)}, 'x', 0, 0)`);
  const columns = "id, user_id, friendly_name, status, secret, created_at, updated_at";
  return values.map((value) => `insert into auth_factors (${columns}) values ${value};\n`).join("");
}

/** Makes the tables, rows and policies of a set; row-level security is on everywhere, as it is here. */
export async function settleSet(postgres, set) {
  await postgres.exec(set.schema.replaceAll(SQLITE_TRIGGER, ""));
  // A dump changes them.
  await postgres.exec(`reset search_path; reset row_security; ${set.postgres ?? ""}`);
  await postgres.exec(`${set.functions}\n;${set.policies}`);
  await insertRows(postgres, set.rows);
  await insertRows(postgres, { "auth.users": accounts(set) });
  await postgres.exec(CONTINUED);
  const tables = await tablesOf(postgres);
  for (const table of Object.keys(tables)) await postgres.exec(`alter table ${identifier(table)} enable row level security`);
  const question = {
    ask: "policies",
    schema: set.schema,
    policies: set.policies,
    functions: set.functions,
    rows: (await sqliteRows(postgres, tables)) + factors(set.rows["auth.mfa_factors"] ?? []),
    keys: Object.fromEntries(Object.entries(tables).map(([name, { key }]) => [name, key])),
    people: set.people.map(claimsOf),
  };
  return { question, tables };
}

/** In what PostgreSQL and `people`, the judge's answer, do not agree. */
export async function differencesOf(postgres, set, tables, people) {
  const differences = [];
  for (const [index, person] of set.people.entries()) {
    await postgres.claim(claimsOf(person));
    for (const [table, { key, columns, generated }] of Object.entries(tables)) {
      const ours = people[index][table];
      const side = new Side(postgres, person.role, table, key, Object.keys(columns).filter((one) => !generated.includes(one)));
      for (const verb of ["select", "update", "kept", "delete", "insert"]) {
        const theirs = await side[verb]();
        // Without the privilege there are no rows.
        const mine = ours?.[verb] ?? [];
        if (JSON.stringify(theirs) !== JSON.stringify(mine)) {
          differences.push({ person: person.name, table, verb, PostgreSQL: theirs, here: mine });
        }
      }
    }
  }
  return differences;
}

/** One person before one table, in PostgreSQL. */
class Side {
  constructor(postgres, role, table, key, columns) {
    Object.assign(this, { postgres, role, table: qualified(`public.${table}`), columns });
    this.key = key.map((name) => `${identifier(name)}::text`).join(", ");
  }

  /** Runs a statement as the person, and undoes it. */
  async #asPerson(prepare, sql, then) {
    await this.postgres.exec(`begin; set local session_replication_role = replica; ${prepare}; set local role ${this.role}`);
    try {
      const rows = await this.postgres.rows(sql);
      if (!then) return rows;
      await this.postgres.exec("reset role");
      return await this.postgres.rows(then);
    } catch (error) {
      // Without the privilege, or against a policy.
      if (error.code === "42501") return null;
      return [["fails", error.message]];
    } finally {
      await this.postgres.exec("rollback");
    }
  }

  async select() {
    return sorted((await this.#asPerson("select 1", `select ${this.key} from ${this.table}`)) ?? []);
  }

  async update() {
    return sorted((await this.#asPerson("select 1", `select ${this.key} from ${this.table} for update`)) ?? []);
  }

  /** The rows that may be written as they are. */
  async kept() {
    const names = this.columns.map(identifier);
    const kept = [];
    for (const [place, key] of (await this.update()).entries()) {
      const sets = names.map((name) => `${name} = ${name}`).join(", ");
      const sql = `update ${this.table} set ${sets} where (${this.key}) = (${key.map(quote).join(", ")}) returning ${this.key}`;
      const rows = await this.#asPerson("select 1", sql);
      if (rows?.length > 0) kept.push([place, key]);
    }
    return kept.map(([, key]) => key);
  }

  /** The rows that a `delete` without a condition takes. */
  async delete() {
    const all = await this.postgres.rows(`select ${this.key} from ${this.table}`);
    const left = await this.#asPerson("select 1", `delete from ${this.table}`, `select ${this.key} from ${this.table}`);
    const texts = new Set((left ?? all).map((row) => JSON.stringify(row)));
    return sorted(all.filter((row) => !texts.has(JSON.stringify(row))));
  }

  /** The rows that could be inserted if they were not there. */
  async insert() {
    const names = this.columns.map(identifier).join(", ");
    const inserted = [];
    for (const key of await this.postgres.rows(`select ${this.key} from ${this.table}`)) {
      const isIt = `(${this.key}) = (${key.map(quote).join(", ")})`;
      const take = `create temp table taken on commit drop as select * from ${this.table} where ${isIt};
        grant select on taken to ${this.role}; delete from ${this.table} where ${isIt}`;
      const sql = `insert into ${this.table} (${names}) overriding system value select ${names} from taken`;
      if ((await this.#asPerson(take, sql)) !== null) inserted.push(key);
    }
    return sorted(inserted);
  }
}

const sorted = (rows) => rows.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

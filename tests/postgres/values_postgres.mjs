// PostgreSQL's side: each literal as `json_populate_record` reads it, which is how PostgREST inserts a body.

import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";

/** A text is stored and ordered by its bytes here, which is the collation "C". */
const collated = (schema) => schema.replace(/\bv (text|varchar\(5\))(?=[ )])/g, 'v $1 collate "C"');

const TRY = `
create function try_literal(target text, id integer, token text) returns json language plpgsql as $$
declare
  shown json;
begin
  execute format(
    'insert into v_%1$s select * from json_populate_record(null::v_%1$s, %2$L) returning to_json(v)',
    target, '{"id":' || id || ',"v":' || token || '}'
  ) into shown;
  return json_build_object('shown', shown::text);
exception when others then
  return json_build_object('state', sqlstate, 'message', sqlerrm);
end $$;`;

export class Postgres {
  static async start(schema) {
    const database = new PGlite();
    await database.exec("set timezone to 'UTC'; set datestyle to 'ISO, MDY'; set extra_float_digits to 1;");
    await database.exec(collated(readFileSync(schema, "utf8")));
    await database.exec(TRY);
    return new Postgres(database);
  }

  constructor(database) {
    this.database = database;
  }

  /** What becomes of each literal: `shown`, or `state` and `message`. Their ids are their places, from 1 on. */
  async insert(table, tokens) {
    const { rows } = await this.database.query(
      "select try_literal($1, place::integer, token) as outcome from unnest($2::text[]) with ordinality as t(token, place) order by place",
      [table, tokens],
    );
    return rows.map((row) => row.outcome);
  }

  /** Forgets the rows that only PostgreSQL has stored. */
  async remove(table, ids) {
    await this.database.query(`delete from v_${table} where id = any($1)`, [ids]);
  }

  async order(table) {
    return this.#ids(`select id from v_${table} order by v, id`);
  }

  /** The first of each set of equal values. */
  async unique(table) {
    return this.#ids(`insert into u_${table} select * from v_${table} order by id on conflict do nothing returning id`);
  }

  /** The rows that are equal to a literal, or the SQLSTATE. The literal has PostgreSQL's unknown type as in PostgREST. */
  async equal(table, literal) {
    const quoted = literal.replaceAll("'", "''");
    return this.#ids(`select id from v_${table} where v = '${quoted}' order by id`).catch((error) => error.code);
  }

  /** The values of an expression over `v`, by id. */
  async rows(table, expression) {
    const { rows } = await this.database.query(`select id, ${expression} as v from v_${table} order by id`);
    return new Map(rows.map((row) => [row.id, row.v]));
  }

  async aggregates(table, expressions) {
    const { rows } = await this.database.query(`select ${expressions} from v_${table}`);
    return rows[0];
  }

  async #ids(query) {
    const { rows } = await this.database.query(query);
    return rows.map((row) => row.id);
  }

  async stop() {
    await this.database.close();
  }
}

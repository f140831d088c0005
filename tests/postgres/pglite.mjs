// PostgreSQL, in this process: PGlite, with the roles and the functions that Supabase has.
//
// Its collation is C and its character classes are those of C.UTF-8; the time zone is UTC.

import { PGlite } from "@electric-sql/pglite";

const ROLES = `
create role anon nologin;
create role authenticated nologin;
create role service_role nologin bypassrls;
`;

/** What a Supabase project begins with. */
const SUPABASE = `
create schema auth;
grant usage on schema public, auth to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant execute on functions to anon, authenticated, service_role;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
  )::text
$$;
create function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
  )::text
$$;
create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
create table auth.users (
  id uuid primary key, email text unique, phone text, role text default 'authenticated', aud text default 'authenticated',
  raw_user_meta_data jsonb, raw_app_meta_data jsonb, is_anonymous boolean not null default false,
  email_confirmed_at timestamptz, last_sign_in_at timestamptz,
  created_at timestamptz default now(), updated_at timestamptz default now()
);
create table auth.mfa_factors (
  id uuid primary key, user_id uuid not null, friendly_name text, factor_type text default 'totp',
  status text not null, created_at timestamptz default now(), updated_at timestamptz default now()
);
create schema storage;
create table storage.objects (
  id uuid primary key default gen_random_uuid(), bucket_id text, name text, owner uuid, owner_id text,
  created_at timestamptz default now(), metadata jsonb
);
create function storage.foldername(name text) returns text[] language sql immutable as $$
  select (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1]
$$;
`;

/** Judges one expression row by row, so that a row for which it fails does not hide the others. */
const ROW_BY_ROW = `
create function judge_row_by_row(relation text, expression text) returns table (id integer, verdict text)
language plpgsql as $$
declare one integer; truth boolean;
begin
  for one in execute format('select id from %I', relation) loop
    id := one;
    begin
      execute format(E'select (%s\\n) from %I where id = $1', expression, relation) into truth using one;
      verdict := case when truth then 't' else 'f' end;
    exception when others then
      verdict := sqlerrm;
    end;
    return next;
  end loop;
end $$;
`;

const PREPARED = SUPABASE + ROW_BY_ROW;

/** Starts one. It takes some seconds. */
export async function startPostgres() {
  const database = await PGlite.create();
  await database.exec("set time zone 'UTC'; set datestyle to iso, mdy; set client_min_messages to error;");
  await database.exec(ROLES);
  await database.exec(PREPARED);
  return new Postgres(database);
}

class Postgres {
  constructor(database) {
    this.database = database;
  }

  close() {
    return this.database.close();
  }

  /** Empties it, so that another schema finds it as the first one did. */
  async reset() {
    await this.database.exec("reset role; drop schema public, auth, storage cascade; drop schema if exists private cascade; create schema public");
    await this.database.exec(PREPARED);
  }

  exec(sql, options) {
    return this.database.exec(sql, options);
  }

  /** The rows of the last statement, each a list. */
  async rows(sql) {
    const results = await this.database.exec(sql, { rowMode: "array" });
    return results.at(-1).rows;
  }

  /** Everything that follows is run by that role, with those claims. */
  async become(claims) {
    await this.claim(claims);
    await this.database.exec(`set role ${claims.role}`);
  }

  /** The caller, until the next one: `{ uid, role, email, jwt }`. */
  async claim({ jwt }) {
    const text = jwt === undefined || jwt === null ? "" : JSON.stringify(jwt);
    await this.database.query("select set_config('request.jwt.claims', $1, false)", [text]);
  }

  /** The message with which an expression is rejected as a condition on the table, before anything is run. */
  async rejects(table, expression) {
    try {
      await this.database.exec(`prepare judged as select from ${table} where (${expression}\n); deallocate judged`);
      return null;
    } catch (error) {
      return error.message;
    }
  }

  /**
   * For each expression `{ rejected: message }` or `{ admitted: [ids], raised: [ids], error, isPlanned }`, where `raised`
   * are the rows for which it fails, and `isPlanned` says that it does so before it comes to any.
   */
  async judge(table, expressions) {
    const verdicts = [];
    const sound = [];
    for (const [index, expression] of expressions.entries()) {
      const rejected = await this.rejects(table, expression);
      verdicts[index] = rejected === null ? null : { rejected };
      if (rejected === null) sound.push(index);
    }
    for (let begin = 0; begin < sound.length; begin += TOGETHER) {
      await this.#together(table, expressions, sound.slice(begin, begin + TOGETHER), verdicts);
    }
    return verdicts;
  }

  /** All in one statement; when that fails, in two halves. */
  async #together(table, expressions, indexes, verdicts) {
    const columns = indexes.map((index) => `(${expressions[index]}\n) is true`);
    let rows;
    try {
      rows = await this.rows(`select id, ${columns.join(", ")} from ${table} order by id`);
    } catch {
      if (indexes.length === 1) {
        verdicts[indexes[0]] = await this.#rowByRow(table, expressions[indexes[0]]);
        return;
      }
      const middle = indexes.length >> 1;
      await this.#together(table, expressions, indexes.slice(0, middle), verdicts);
      await this.#together(table, expressions, indexes.slice(middle), verdicts);
      return;
    }
    for (const [place, index] of indexes.entries()) {
      const admitted = rows.filter((row) => row[place + 1] === true).map((row) => row[0]);
      verdicts[index] = { admitted, raised: [] };
    }
  }

  async #rowByRow(table, expression) {
    const { rows } = await this.database.query("select * from judge_row_by_row($1, $2) order by id", [table, expression], {
      rowMode: "array",
    });
    const of = (holds) => rows.filter(([, verdict]) => holds(verdict)).map(([id]) => id);
    const fails = (verdict) => verdict !== "t" && verdict !== "f";
    const raised = of(fails);
    return {
      admitted: of((verdict) => verdict === "t"),
      raised,
      error: rows.map(([, verdict]) => verdict).find(fails),
      isPlanned: raised.length === rows.length && !(await this.#plans(table, expression)),
    };
  }

  /** Whether it fails only when it comes to a row, and not before. */
  async #plans(table, expression) {
    try {
      await this.database.exec(`explain select from ${table} where (${expression}\n)`);
      return true;
    } catch {
      return false;
    }
  }
}

/** Expressions in one statement. */
const TOGETHER = 64;

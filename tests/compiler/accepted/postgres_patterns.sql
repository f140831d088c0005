-- schema.sql
-- `like` ignores the case of ASCII in SQLite: a warning, but where that is plainly meant or cannot matter.
create table t (
  id integer primary key,
  code text check (code like 'AB%'),
  folded text check (lower(folded) like 'ab%'),
  digits text check (digits like '%-1_'),
  any_case text check (any_case ilike 'ab%')
);
create index t_code on t using gin (code);
create extension if not exists pg_trgm;
create type size as enum ('small', 'large');
create type sorted as enum ('a', 'b');
alter publication supabase_realtime add table t;
create policy read on t for select using (true);
-- policies.sql

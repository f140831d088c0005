-- schema.sql
create table notes (
  id integer primary key,
  owner_id uuid not null,
  title varchar(20) not null,
  done boolean not null default false,
  priority smallint not null default 3,
  due date,
  total integer generated always as (priority * 2) stored
);
create view titles as select id, title from notes;
create table ledger (id integer primary key, amount integer not null);
-- policies.sql
create policy "own" on notes to authenticated using (owner_id = auth.uid());
create policy "all" on titles for select using (true);
create policy "secret" on ledger for select to anon using (true);
-- functions.sql
create function f(out a integer) returns integer language sql stable as $$ select 1 $$;
create function g(variadic a integer) returns integer language sql stable as $$ select 1 $$;
create function h(integer) returns integer language sql stable as $$ select 1 $$;
create function i(a integer, a text) returns integer language sql stable as $$ select 1 $$;
create function j(a money) returns integer language sql stable as $$ select 1 $$;
create function k(a money[]) returns integer language sql stable as $$ select 1 $$;
create function l(a integer default 1, b integer) returns integer language sql stable as $$ select 1 $$;
create function m(a date default 'tomorrow') returns integer language sql stable as $$ select 1 $$;
create function n(a uuid default auth.uid()) returns integer language sql stable as $$ select 1 $$;
create function o(a integer default b) returns integer language sql stable as $$ select 1 $$;
create function r(a integer[] default '{1}') returns integer language sql stable as $$ select 1 $$;
create function p(a integer) returns integer language sql strict as $$ select 1 $$;
create function q(a integer) returns integer language sql set work_mem = 1 as $$ select 1 $$;

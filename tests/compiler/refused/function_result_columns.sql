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
create function f() returns table (id integer, title text) language sql stable as $$
  select id from notes
$$;
create function g() returns setof notes language sql stable as $$ select id, title from notes $$;
create function h() returns integer language sql stable as $$ select id, title from notes $$;
create function i() returns boolean language sql stable as $$ select title from notes $$;
create function j() returns date language sql stable as $$ select '1.1.2026' $$;
create function k() returns integer language sql stable as $$ select 1.5 $$;
create function l() returns table (a integer) language sql stable as $$
  select id from notes union select title from notes
$$;

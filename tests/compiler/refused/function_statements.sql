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
create function f() returns void language sql as $$ begin; delete from notes; commit $$;
create function g() returns void language sql as $$ drop table notes $$;
create function h() returns void language sql as $$ pragma foreign_keys = off $$;
create function i() returns void language sql as $$ attach 'x' as y $$;
create function j() returns void language sql as $$ $$;
create function k() returns void language sql as $$ select from where $$;
create function l() returns void language sql as $$ create table x (a integer) $$;
create function m() returns void language sql as $$ delete from notes; truncate notes $$;
create function n() returns integer language sql return 1;
create function o() returns void language sql as $$ vacuum $$;

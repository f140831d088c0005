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
create function f() returns void language sql as $$ insert into note (id) values (1) $$;
create function g() returns void language sql as $$ insert into notes (idd) values (1) $$;
create function h() returns void language sql as $$ insert into notes (id, title) values (1) $$;
create function i() returns void language sql as $$ insert into notes (total) values (1) $$;
create function j() returns void language sql as $$ insert into titles (id) values (1) $$;
create function k() returns void language sql as $$ update notes set id = 1, id = 2 $$;
create function l() returns void language sql as $$ update notes set notes.title = '' $$;
create function m() returns void language sql as $$ insert or replace into notes (id) values (1) $$;
create function n() returns void language sql as $$ insert into notes (id) values (1) on conflict do nothing $$;
create function o() returns void language sql as $$ update notes set done = true from ledger where true $$;
create function p() returns void language sql as $$ delete from notes using ledger where true $$;
create function q() returns void language sql as $$ update notes set (id, title) = (1, '') $$;
create function r() returns void language sql as $$ insert into notes default values $$;
create function s() returns void language sql as $$ insert into notes (id) values (1) limit 1 $$;

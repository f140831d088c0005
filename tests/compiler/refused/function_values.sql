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
create function f(a text) returns void language sql as $$ insert into notes (owner_id) values (a) $$;
create function g() returns void language sql as $$ insert into notes (owner_id, due) values ('me', 'today') $$;
create function h() returns void language sql as $$ update notes set done = 'yes' $$;
create function i() returns void language sql as $$ update notes set done = 1 $$;
create function j() returns void language sql as $$ update notes set priority = priority / 2.0 $$;
create function k() returns void language sql as $$ update notes set due = now() $$;
create function l() returns void language sql as $$ insert into notes (id, done) select id, title from notes $$;
create function m(a jsonb) returns void language sql as $$
  insert into notes (id, due) select 1, value from json_each(a)
$$;
create function n() returns void language sql as $$ update notes set title = 'longer than twenty characters' $$;

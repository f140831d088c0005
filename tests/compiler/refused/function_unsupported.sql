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
create function f() returns integer language sql stable as $$
  with n as (select 1) select * from n
$$;
create function g() returns bigint language sql stable as $$
  select row_number() over (order by id) from notes
$$;
create function h() returns text language sql stable as $$ select sqlite_version() $$;
create function i() returns integer language sql stable as $$ values (1) $$;
create function j() returns boolean language sql stable as $$ select title ~ 'x' from notes $$;
create function k() returns integer language sql stable as $$ select random() $$;

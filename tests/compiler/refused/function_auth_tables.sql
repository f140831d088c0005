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
create function f() returns text language sql stable security definer as $$
  select password_hash from auth_users
$$;
create function g() returns void language sql security definer as $$
  delete from auth_sessions
$$;
create function h() returns text language sql stable as $$
  select email from auth_users where id = auth.uid()
$$;
create function i() returns text language sql stable security definer as $$
  select sql from sqlite_schema
$$;

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
create function f() returns setof ledger language sql stable as $$ select * from ledger $$;
create function g() returns integer language sql stable as $$ select count(*) from ledger $$;
create function h() returns void language sql as $$ insert into ledger (amount) values (1) $$;
create function i() returns void language sql as $$ update ledger set amount = 1 $$;
create function j() returns setof ledger language sql stable security definer as $$
  select * from ledger
$$;
grant execute on all functions in schema public to authenticated;

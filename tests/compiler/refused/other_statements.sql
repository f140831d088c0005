-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
drop table t;
select 1;
alter table t disable row level security;
create table u (id integer primary key);
grant usage on schema public to anon;
grant select on t to anon with grant option;

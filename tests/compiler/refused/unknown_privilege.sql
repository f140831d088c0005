-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
grant truncate on t to anon;
grant select (nte) on t to anon;
grant select, references on t to anon;

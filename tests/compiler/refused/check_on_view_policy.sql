-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
create view v as select id from t;
-- policies.sql
create policy "a" on v for all using (true) with check (idd > 1);

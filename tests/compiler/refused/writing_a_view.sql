-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
create view v as select id, note from t;
-- policies.sql
create policy "a" on v for insert with check (true);
create policy "b" on v for delete using (true);
grant update on v to authenticated;

-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "a" on t
  for select using (auth.uuid() = owner_id or auth.uid(1) = owner_id or storage.foo() = 1);

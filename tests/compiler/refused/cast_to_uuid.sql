-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "a" on t
  for select using (owner_id = note::uuid or id = cast(note as varchar(3)) or note::boolean);

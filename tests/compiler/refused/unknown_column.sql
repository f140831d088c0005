-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "own" on t
  for select using (ownr_id = auth.uid());
create policy "other" on t
  for delete using (t.nope = 1);

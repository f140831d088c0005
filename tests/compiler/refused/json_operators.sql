-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "a" on t
  for select using (auth.jwt() #>> note = 'x' or auth.jwt() @> 'x' or auth.jwt() ? 1 or auth.jwt() < '{}' or auth.jwt() @? '$.a');

-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "a" on t
  for insert to authenticated with check (id in (select a.id from t a right join t b on a.id = b.id));
create policy "read" on t for select to authenticated using (owner_id = auth.uid());

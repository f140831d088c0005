-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "read" on t for select to authenticated using (owner_id = auth.uid());
create policy "read" on t for select to authenticated using (owner_id = auth.uid());

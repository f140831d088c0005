-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy own on t for select using owner_id = auth.uid();
create polcy "b" on t;
create policy "c" on t for select using ((true);
create policy "read" on t for select to authenticated using (owner_id = auth.uid()); extra;
create policy "d" on t for select using (true)
create policy "e" on t for select using (true);

-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "a" on t
  for insert to authenticated with check (id in (with x as (select 1) select id from x));
create policy "read" on t for select to authenticated using (owner_id = auth.uid());

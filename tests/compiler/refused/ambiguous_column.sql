-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "own" on t for insert to authenticated with check (exists (select 1 from t a, t b where id = 1));
create policy "read" on t for select to authenticated using (owner_id = auth.uid());

-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "own" on t for insert to authenticated with check (exists (select 1 from t as s where s.nope = t.id and nope = 1));

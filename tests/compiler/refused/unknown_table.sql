-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "own" on projekts for select using (true);
create policy "typo" on tt for select using (true);

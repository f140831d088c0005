-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "own" on t for select to authenticated using (owner_id in (select id from auth_users));

-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "own" on auth_users for select using (true);
grant select on auth_sessions to anon;

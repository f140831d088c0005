-- schema.sql
create table users (
  id uuid primary key,
  role text not null
);
-- policies.sql
create policy "own" on users for select to authenticated
  using (id in (select user_id from auth.mfa_factors where status = 'verified'));
create policy "of users" on users for update to authenticated
  using (exists (select 1 from auth.users u where u.id = users.id));

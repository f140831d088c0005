-- schema.sql
create table t (id integer primary key, owner_id uuid not null, note text, secret text);
create table u (id integer primary key, note text);
create view v as select id, note from t;
-- policies.sql
create policy "own" on t for all to authenticated
  using (owner_id = auth.uid()) with check (owner_id = (select auth.uid()) and note <> '');
create policy "not hidden" on t as restrictive for select using (note is distinct from 'hidden');
create policy "no anonymous" on t as restrictive for all to public using (auth.role() = 'authenticated');
create policy "public notes" on t for select to anon using (note like 'public:%');
create policy "admins" on t for delete to authenticated
  using (auth.jwt() -> 'app_metadata' ->> 'role' = 'admin' or (select auth.jwt() ->> 'x') is not null);
grant select (id, note) on t to anon;
grant select (owner_id) on t to anon;
grant update (note) on t to authenticated;
revoke insert (secret) on t from authenticated;
revoke delete on t from anon;
grant all on u, v to authenticated;
revoke update on u from authenticated;
grant select on u to service_role;
create policy "late" on v using (id > 1);

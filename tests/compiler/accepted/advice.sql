-- schema.sql
create table notes (
  id integer primary key,
  owner_id uuid not null,
  state text not null default 'draft' check (state in ('draft', 'public')),
  body text
);
create table logs (id integer primary key, line text not null);
-- policies.sql
create policy "1" on notes for select to authenticated using (auth.jwt() ->> 'user_role' = 'admin');
create policy "2" on notes for select to authenticated using ((auth.jwt() -> 'app_metdata' ->> 'team') is not null);
create policy "3" on notes for select to authenticated using (owner_id = null or body <> null);
create policy "4" on notes for select to authenticated using (state = 'publc' or state in ('draft', 'hidden'));
create policy "5" on notes for select to authenticated using (auth.role() = 'service_role' or auth.jwt() ->> 'role' = 'admin');
create policy "6" on notes for select to authenticated using (1 = 1 and 'a' <> 'b');
create policy "7" on notes for update to authenticated using (true);
create policy "8" on notes for insert to authenticated with check (true);
create policy "9" on logs for all to authenticated using (true) with check (true);
create policy "restrictive ones only narrow" on notes as restrictive for delete to authenticated using (true);
create policy "reading is no writing" on notes for select to anon using (true);
create policy "these are meant" on notes for select to authenticated
  using (now() < '2030-01-01' or auth.uid() is distinct from null or exists (select 1 from logs)
    or auth.role() = 'authenticated' or auth.jwt() -> 'app_metadata' ->> 'anything' = 'x' or state = 'public');

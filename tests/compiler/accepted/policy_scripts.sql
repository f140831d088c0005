-- schema.sql
create table t (id integer primary key, owner_id uuid not null);
create table u (id integer primary key);
-- policies.sql
-- Scripts that are made to run twice, and what `pg_dump` writes between policies.
begin;
set search_path = public;
alter table public.t enable row level security;
alter table only t force row level security;
alter table if exists t enable row level security;
drop policy if exists "own" on public.t;
create policy "own" on public.t for select using (owner_id = auth.uid());
create policy "open" on t for select using (true);
create policy "open" on u for select using (true);
drop policy if exists "open" on public.t;
drop policy "open" on "public"."u";
create policy "internal" on u for all to postgres using (true);
create policy "all" on u for insert to service_role with check (true);
grant usage on schema public to postgres, anon, authenticated, service_role;
grant usage on schema private to authenticated;
grant all on all sequences in schema public to anon;
grant usage, select on sequence t_id_seq to authenticated;
grant all on all tables in schema public to postgres, service_role;
grant select, references, trigger, truncate on table t to supabase_admin, anon;
revoke all on schema public from public;
grant authenticated to authenticator;
alter default privileges in schema public grant all on tables to anon;
alter table t owner to postgres;
comment on policy "own" on t is 'rows of the caller';
notify pgrst, 'reload schema';
commit;

-- schema.sql
create table t (id integer primary key, owner_id uuid not null);
-- policies.sql
create policy "Avatar images are publicly accessible." on storage.objects
  for select using (bucket_id = 'avatars');
create policy topics on realtime.messages for select using (true);
create policy users on auth.users for select using (true);
create policy joined on t for select using (owner_id in (select id from auth.users));
create policy files on t for select using (owner_id in (select owner from storage.objects));
alter policy joined on t using (true);
drop policy "not there" on t;
drop policy on t;
alter table t disable row level security;
create function is_owner() returns boolean language sql as $$ select true $$;
create or replace function is_other() returns boolean language sql as $$ select true $$;
create view v as select 1;
insert into t values (1, 'x');
grant select on private.t to anon;
grant execute on function is_owner() to anon;
revoke all on all functions in schema public from public;

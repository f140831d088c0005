-- schema.sql
create table t (id integer primary key, title text);
-- policies.sql
create policy "lower" on t for select to authenticated using (lower(title) = 'x');
create policy "md5" on t for select to authenticated using (md5(title) = 'x');
create policy "count" on t for select to authenticated using ((select count(t.id)) = 1);
create policy "rows" on t for select to authenticated using (title in (select string_to_table(title)));
create policy "public" on t for select to authenticated using (public.lower(title) = 'x');
-- functions.sql
create function lower(x text) returns text language sql stable as $$ select x $$;
create function md5(x text) returns text language sql stable as $$ select x $$;
create function count(x integer) returns bigint language sql stable as $$ select 1::bigint $$;
create function string_to_table(x text) returns setof text language sql stable as $$ select x $$;

-- schema.sql
create table a (id integer primary key, b_id integer);
create table b (id integer primary key, a_id integer);
create table c (id integer primary key, a_id integer);
-- policies.sql
create policy "x" on a for select to authenticated using (b_id in (select a_id from b));
create policy "y" on b for select to authenticated using (true);
grant select (id) on b to authenticated;
create policy "z" on c for select to authenticated using (exists (select b.* from b) or exists (select x.a_id from (select * from b) x));

-- schema.sql
create table a (id integer primary key, b_id integer);
create table b (id integer primary key, a_id integer);
create table c (id integer primary key, a_id integer);
-- policies.sql
create policy "x" on a for select to authenticated using (b_id in (select id from b));
create policy "y" on b for all to authenticated using (a_id in (select a.id from a));
create policy "z" on c for select to authenticated using (a_id in (select id from a));

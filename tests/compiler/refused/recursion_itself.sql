-- schema.sql
create table a (id integer primary key, b_id integer);
create table b (id integer primary key, a_id integer);
create table c (id integer primary key, a_id integer);
-- policies.sql
create policy "x" on a for select to authenticated using (id in (select id from a));

-- schema.sql
create table a (id integer primary key);
create table b (id integer primary key);
create table c (id integer primary key);
create table d (id integer primary key);
-- policies.sql
create policy "a" on a for select to authenticated using (id in (select id from b));
create policy "b" on b for select to authenticated using (id in (select id from c));
create policy "c" on c for select to authenticated using (id in (select id from a));
create policy "d" on d for insert to authenticated with check (id in (select id from c));

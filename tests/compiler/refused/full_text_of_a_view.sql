-- schema.sql
create table a (id integer primary key, b text, c boolean);
create view v as select id, b from a;
create virtual table s using fts5 (b, content='v', content_rowid='id');
-- policies.sql
create policy "all" on a using (true);

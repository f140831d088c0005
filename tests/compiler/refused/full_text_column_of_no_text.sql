-- schema.sql
create table a (id integer primary key, b text, c boolean);
create virtual table s using fts5 (c, content=a, content_rowid=id);
-- policies.sql
create policy "all" on a using (true);

-- schema.sql
create table a (id integer primary key, b text) without rowid;
create virtual table a_search using fts5 (b, content='a', content_rowid='id');
-- policies.sql
create policy "all" on a using (true);

-- schema.sql
create table a (id uuid primary key not null, b text);
create virtual table a_search using fts5 (b, content='a', content_rowid='id');
-- policies.sql
create policy "all" on a using (true);

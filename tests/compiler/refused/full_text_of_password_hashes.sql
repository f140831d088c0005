-- schema.sql
create table a (id integer primary key, b text, c boolean);
create virtual table s using fts5 (password_hash, content='auth_users', content_rowid='rowid');
-- policies.sql
create policy "all" on a using (true);

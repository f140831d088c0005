-- schema.sql
create tabel a (id integer primary key);
create table b (
  id integer primary key,,
  x text
);
create table c (id integer primary key, y text
-- policies.sql
create policy "read" on t for select to authenticated using (owner_id = auth.uid());

-- schema.sql
create table a (id integer primary key, b text, c boolean);
create virtual table a_search using fts5 (b, content='a', content_rowid='id');
create trigger a_added before insert on a begin
  insert into a_search (rowid, b) values (new.id, new.b);
end;
create trigger a_gone after delete on a when old.b <> '' begin
  insert into a_search (a_search, rowid, b) values ('delete', old.id, old.b);
end;
create trigger a_changed after update of b on a begin
  insert into a_search (a_search, rowid, b) values ('delete', old.id, old.b);
  insert into a_search (rowid, b) values (new.id, new.b);
end;
-- policies.sql
create policy "all" on a using (true);

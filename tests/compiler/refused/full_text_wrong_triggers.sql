-- schema.sql
create table a (id integer primary key, b text, c boolean);
create virtual table a_search using fts5 (b, content='a', content_rowid='id');
create trigger a_added after insert on a begin
  insert into a_search (rowid, b) values (new.id, lower(new.b));
end;
create trigger a_gone after delete on a begin
  delete from a_search where rowid = old.id;
end;
create trigger a_changed after update on a begin
  insert into a_search (rowid, b) values (new.id, new.b);
  insert into a_search (a_search, rowid, b) values ('delete', old.id, old.b);
end;
-- policies.sql
create policy "all" on a using (true);

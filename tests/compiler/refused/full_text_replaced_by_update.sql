-- schema.sql
create table a (id integer primary key, b text unique);
create virtual table a_search using fts5 (b, content='a', content_rowid='id');
create trigger a_search_insert after insert on a begin
  insert into a_search (rowid, b) values (new.id, new.b);
end;
create trigger a_search_delete after delete on a begin
  insert into a_search (a_search, rowid, b) values ('delete', old.id, old.b);
end;
create trigger a_search_update after update on a begin
  insert into a_search (a_search, rowid, b) values ('delete', old.id, old.b);
  insert into a_search (rowid, b) values (new.id, new.b);
end;
create table log (id integer primary key, b text);
create trigger log_insert after insert on log begin
  update or replace a set b = new.b where id = 1;
end;
-- policies.sql
create policy "all" on a using (true);

-- schema.sql
create table a (id integer primary key, b text, c text generated always as (lower(b)) virtual);
create virtual table a_search using fts5 (c, content='a', content_rowid='id');
create trigger a_search_insert after insert on a begin
  insert into a_search (rowid, c) values (new.id, new.c);
end;
create trigger a_search_delete after delete on a begin
  insert into a_search (a_search, rowid, c) values ('delete', old.id, old.c);
end;
create trigger a_search_update after update of id, c on a begin
  insert into a_search (a_search, rowid, c) values ('delete', old.id, old.c);
  insert into a_search (rowid, c) values (new.id, new.c);
end;
-- policies.sql
create policy "all" on a using (true);

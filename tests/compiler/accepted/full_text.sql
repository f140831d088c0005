-- schema.sql
create table a (id integer primary key, "B c" text, d varchar(20), e boolean);
-- Every option, names in quotes and in another case, and a column that is only kept.
CREATE VIRTUAL TABLE IF NOT EXISTS "a Words" USING fts5
  ("B C", e UNINDEXED, d, prefix='2 3', content="A", tokenize = "unicode61 remove_diacritics 2");
create trigger one after insert on a for each row begin
  insert into a_stems (rowid, d) values (new.id, new.d);
  insert into "a words" (d, "B c", e, rowid) values (new.d, new."b c", new.e, new.rowid);
end;
create trigger two AFTER DELETE ON A begin
  insert into [a words] ([a words], rowid, d, "B c", e) values ('delete', old.rowid, old.d, old."b c", old.e);
end;
create trigger three after update on a begin
  insert into "a words" ("a words", rowid, d, "B c", e) values ('delete', old.rowid, old.d, old."b c", old.e);
  insert into "a words" (d, "B c", e, rowid) values (new.d, new."b c", new.e, new.rowid);
end;
-- A second index, of stems.
create virtual table a_stems using fts5 (d, content=a, content_rowid=id, tokenize='porter unicode61');
create trigger a_stems_delete after delete on a begin
  insert into a_stems (a_stems, rowid, d) values ('delete', old.id, old.d);
end;
create trigger a_stems_update after update of id, d on a begin
  insert into a_stems (a_stems, rowid, d) values ('delete', old.id, old.d);
  insert into a_stems (rowid, d) values (new.id, new.d);
end;
-- These serve no search.
create virtual table own using fts5 (d);
create virtual table contentless using fts5 (d, content='');
-- policies.sql
create policy "all" on a using (true);

-- schema.sql
create table a (id integer primary key);
create trigger a_insert after insert on a begin
  insert into log (id) values (new.id);
end;
-- policies.sql

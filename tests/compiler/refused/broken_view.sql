-- schema.sql
create table a (id integer primary key);
create view v as select idd from a;
create view w as select * from nowhere;
-- policies.sql

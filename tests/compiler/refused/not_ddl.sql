-- schema.sql
create table a (id integer primary key);
insert into a values (1);
pragma foreign_keys = off;
drop table auth_users;
attach 'x' as y;
create temp table b (id integer primary key);
-- policies.sql

-- schema.sql
create table a (id integer primary key);
create table A (id integer primary key);
-- policies.sql

-- schema.sql
create table auth_keys (id integer primary key);
create view d1_x as select 1 as one;
-- policies.sql

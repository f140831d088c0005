-- schema.sql
create table auth_keys (id integer primary key);
create view d1_x as select 1 as one;
create table "openapi.json" (id integer primary key);
-- policies.sql

-- schema.sql
create table auth_keys (id integer primary key);
create view d1_x as select 1 as one;
create table "openapi.json" (id integer primary key);
create table P0 (id integer primary key);
create view t12 as select 1 as one;
create table "new row" (id integer primary key);
create table excluded (id integer primary key);
create table v3 (id integer primary key);
create table json_each (id integer primary key);
create table p (id integer primary key);
create table t1s (id integer primary key);
create index t1 on p (id);
-- policies.sql

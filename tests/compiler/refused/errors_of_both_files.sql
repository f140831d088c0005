-- schema.sql
create table a (id integer primary key,);
create table a2 (id integer primary key);
-- policies.sql
create policy x on;

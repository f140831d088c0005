-- schema.sql
create table a (id integer primary key,);
create index a_id on a (id);
-- policies.sql

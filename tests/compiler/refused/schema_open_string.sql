-- schema.sql
create table a (
  id integer primary key,
  x text default 'abc
);
-- policies.sql

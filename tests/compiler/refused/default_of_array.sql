-- schema.sql
create table t (
  id integer primary key,
  tags text[] not null default '[]',
  counts integer[] default '{a}'
);
-- policies.sql

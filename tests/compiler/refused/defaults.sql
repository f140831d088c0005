-- schema.sql
create table a (
  id integer primary key,
  at timestamptz default current_timestamp,
  wall timestamp default current_timestamp,
  clock time default current_time,
  flag boolean default 'yes',
  key uuid default 'none',
  random_key uuid default (gen_random_uuid()),
  doc jsonb default '{',
  small smallint default 40000,
  short varchar(3) default 'long',
  count integer default '1',
  name text default unquoted
);
-- policies.sql

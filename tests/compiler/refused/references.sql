-- schema.sql
create table a (
  id integer primary key,
  x uuid references auth_user (id),
  y integer references a (idd),
  z integer references a (w),
  w integer,
  foreign key (y, z) references a
);
-- policies.sql

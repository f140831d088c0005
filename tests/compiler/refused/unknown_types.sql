-- schema.sql
create table a (
  id serial primary key,
  at interval,
  many jsonb[],
  any_thing,
  n int(11)
);
-- policies.sql

-- schema.sql
create table a (
  id serial primary key,
  at interval,
  many text[],
  any_thing,
  n int(11)
);
-- policies.sql

-- schema.sql
create table t (
  id integer primary key,
  tags text[] not null default '[]'
);
-- policies.sql
create policy "a" on t
  for select using (tags = '{a' or tags = 'a' or tags @> array[1] or tags = array['a', 1]);

-- schema.sql
create table t (
  id integer primary key,
  tags text[] not null default '[]'
);
-- policies.sql
create policy "a" on t
  for select using (tags = '{a}');

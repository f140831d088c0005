-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "a" on t
  for select using (gen_random_uuid() = owner_id or current_user = 'x' or current_timestamp > note or strpos(note, 'a') > 0 or current_setting('x') = 'y');

-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  note text
);
-- policies.sql
create policy "a" on t for select to authenticatd using (true);
create policy "b" on t for select to current_user using (true);
grant select on t to nobody_else;

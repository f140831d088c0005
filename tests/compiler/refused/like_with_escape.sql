-- schema.sql
create table t (
  id integer primary key,
  owner_id uuid not null,
  open boolean not null default true,
  at timestamptz,
  day date,
  data jsonb,
  note text
);
-- policies.sql
create policy "a" on t
  for select using (note like 'a!%' escape '!!');

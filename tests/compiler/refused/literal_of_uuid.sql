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
  for select using (owner_id <> 'A0EEBC99-9C0B-4EF8-BB6D');

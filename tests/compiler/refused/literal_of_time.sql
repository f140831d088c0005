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
  for select using (at > '2026-01-01 23:00' or day between '2026-01-01' and '1 May');

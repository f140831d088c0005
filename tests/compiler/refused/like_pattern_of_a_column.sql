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
  for select using (note like id or note not like owner_id or note like '%' || at or note not like 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%');

-- schema.sql
create table accounts (
  id integer primary key,
  email citext not null unique,
  others citext[],
  amount numeric(1001, 2),
  share numeric(5, 2, 1)
);
-- policies.sql
grant select on accounts to authenticated;
create policy everything on accounts for select to authenticated using (true);

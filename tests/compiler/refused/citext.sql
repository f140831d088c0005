-- schema.sql
create table accounts (
  id integer primary key,
  email citext not null unique,
  others citext[],
  amount numeric(1001, 2)
);
-- policies.sql
create policy everything on accounts for select to authenticated using (true);

-- schema.sql
create table keyless (name text);
create table closed (id integer primary key);
create table loose (code text primary key, name text);
create table strict_one (code text primary key) strict;
create table rowless (code text primary key) without rowid;
-- policies.sql
create policy "everyone" on keyless for select using (true);
create policy "service" on closed for all to service_role using (true);
grant select on loose, strict_one, rowless to anon;

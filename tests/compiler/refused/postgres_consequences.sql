-- schema.sql
create domain email as text check (value like '%@%');
create type pair as (a integer, b integer);
create materialized view totals as select 1 as n;
create foreign table far (id integer) server s;
create table people (id integer primary key, mail email, both pair, owner_id uuid);
create table private.secrets (id integer primary key);
create table broken (id integer primary key,);
create view of_people as select id, mail from people;
create view of_view as select * from of_people;
create view of_broken as select id from broken;
create table sound (id integer primary key, person integer references people, broken integer references broken);
create index broken_id on broken (id);
create trigger broken_trigger after insert on sound begin insert into broken (id) values (new.id); end;
-- policies.sql
-- None of these adds to what is said of the schema, but the last.
create policy a on people for select using (mail = auth.email() and nothing = 1);
create policy b on totals for select using (n = 1);
create policy c on far for select using (true);
create policy d on secrets for select using (true);
create policy e on broken for select using (missing = 1);
create policy f on of_people for select using (missing = 1);
create policy g on of_view for select using (missing = 1);
create policy h on of_broken for select using (missing = 1);
create policy i on sound for select using (id in (select id from broken where missing = 1));
grant select on broken, secrets, totals to anon;
create policy j on sound for select using (missing = 1);

-- schema.sql
create table public.t (id integer primary key, body text);
create table private.secrets (id integer primary key);
create materialized view public.m as select * from public.t;
create view public.v with (security_invoker = true) as select * from public.t;
create view w as
  select distinct on (body) id::text, now(), array_agg(body), date_trunc('day', at), auth.uid()
  from public.t, lateral (select 1) where body ilike 'a%' and at > now() - interval '1 day';
create or replace function public.f() returns integer language sql as $$ select 1; $$;
create function g() returns integer as $body$ begin return 1; end; $body$ language plpgsql;
create domain short as text;
create type pair as (a integer, b integer);
alter type pair add value 'x';
create role editor;
create rule r as on insert to t do nothing;
create foreign table f (id integer) server s;
create unique index on public.t (body) nulls not distinct;
create index on t (to_tsvector('english', body));
alter table t drop column body;
alter table t alter column body type integer;
alter table t alter column nothing set not null;
alter table missing add column x integer;
alter table storage.objects enable row level security;
alter table t add column id integer;
do $$ begin perform 1; end $$;
insert into storage.buckets (id) values ('avatars');
select count(*) from t;
drop table if exists t;
copy public.t (id, body) from stdin;
1	it's; a row
2	another
\.
create table u (id integer primary key, body txt);
-- policies.sql
create policy a on m for select using (true);
create policy b on v for select using (true);
create policy c on secrets for select using (true);

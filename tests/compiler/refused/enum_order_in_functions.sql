-- schema.sql
create type mood as enum ('sad', 'ok', 'happy');
create table others (id integer primary key, m mood);
-- policies.sql
create policy "others" on others for select using (true);
-- functions.sql
create function first() returns integer language sql stable as $$ select id from others order by m limit 1 $$;
create function above(x mood) returns setof integer language sql stable as $$
  select id from others where m > x
$$;

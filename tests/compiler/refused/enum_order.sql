-- schema.sql
create type mood as enum ('sad', 'ok', 'happy');
create type grade as enum ('a', 'b', 'c');
create table t (id integer primary key, m mood, g grade, note text);
create table others (id integer primary key, m mood);
-- policies.sql
create policy "others" on others for select using (true);
create policy "less" on t for select using (m < 'ok');
create policy "between" on t for select using (m between 'sad' and 'ok');
create policy "cast" on t for select using (note::mood >= 'ok');
create policy "greatest" on t for select using (greatest(m, 'ok') = 'ok');
create policy "coalesce" on t for select using (coalesce(m, 'ok') > 'sad');
create policy "case" on t for select using (case when id = 1 then m else 'ok' end > 'sad');
create policy "max" on t for select using ((select max(m) from others) = 'ok');
create policy "value" on t for select using ((select o.m from others o where o.id = t.id) > 'ok');
create policy "from" on t for select using (exists (select 1 from (select m from others) o where o.m > 'ok'));
create policy "order" on t for select using ((select id from others order by m limit 1) = 1);
create policy "any" on t for select using (m > any(array['sad', 'ok']));
create policy "row" on t for select using ((id, m) > (1, 'ok'));
create policy "argument" on t for select using (less(m, 'ok'));
create policy "result" on t for select using (mine() > 'sad');
-- functions.sql
create function less(x mood, y mood) returns boolean language sql stable as $$ select x < y $$;
create function mine() returns mood language sql stable as $$ select m from others where id = 1 $$;

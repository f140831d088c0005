-- schema.sql
create table t (id integer primary key, owner_id uuid not null, note text, at timestamptz, tags jsonb);
create table k (id integer primary key);
create table m (t_id integer not null, user_id uuid not null, role text not null, primary key (t_id, user_id));
-- policies.sql
create policy "even" on k for select to authenticated using (id % 2 = 0);
create policy "mine" on m for select to authenticated using (user_id = auth.uid());
create policy "1" on t for select to authenticated using (
  not (note = 'it''s {x}' and (id > 1 or id <= -2)) or not note is null
  or note not like 'a\%%' or id not between 1 and 2 + 1
  or (id, note) in ((1, 'a'), (2, 'b')) or id % 2 = 1 and id & 3 > 0
);
create policy "2" on t for select to authenticated using (
  case id when 1 then true when 2 then false else null end
  or case when at < now() then true end
);
create policy "3" on t for select to authenticated using (
  exists (select * from m where m.t_id = t.id and role in ('a', 'b'))
  or id in (select distinct m.t_id from m left join k as other on other.id = m.t_id order by m.t_id desc nulls last limit 10 offset 1)
  or (select count(distinct role) filter (where role <> 'x') from m group by user_id having count(*) > 1) > 1
  or id in (select a.t_id from m a, m b where a.role < b.role)
  or id in (select x.t_id from (select t_id, max(role) as best from m group by t_id) x where x.best = 'owner')
  or id in (select t_id from m union all select 1 except select 2)
  or exists (select 1 from jsonb_array_elements_text(tags) as tag where tag = auth.email())
  or auth.uid()::text in (select jsonb_array_elements_text(auth.jwt() -> 'app_metadata' -> 'users'))
);
create policy "4" on t for select to authenticated using (
  substring(note from 1 for 2) = 'ab' or trim(note) = lower(note) or cast(id as text) = id::text
  or coalesce(note, 'x') || 'y' = 'xy' or current_date < date(at) or (id = 1) is not true
);

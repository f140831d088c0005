-- schema.sql
create table t (
  id integer primary key, owner_id uuid not null, kind text, doc jsonb, raw bytea,
  readers uuid[], tags text[] not null default '[]', counts integer[], raws bytea[]
);
-- policies.sql
create policy "1" on t for select using (id > any(counts));
create policy "2" on t for select using (id = all(counts));
create policy "3" on t for select using (kind = any(doc));
create policy "4" on t for select using (kind = any('{a,b}'));
create policy "5" on t for select using (1 = any(tags));
create policy "6" on t for select using ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' = any(readers));
create policy "7" on t for select using (auth.jwt() ->> 'n' = any(counts));
create policy "8" on t for select using (raw = any(raws));
create policy "9" on t for select using (tags @> '{a}' or tags @> tags or tags <@ array['a'] or tags @> array[]);
create policy "10" on t for select using (counts @> array['a'] or doc @> array['a'] or counts && array[owner_id]);
create policy "11" on t for select using (nothing = any(tags) or kind = any(array[nothing]));

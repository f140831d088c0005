-- schema.sql
create table t (
  id integer primary key, owner_id uuid not null, kind text, flag boolean, at timestamptz,
  readers uuid[], tags text[] not null default '[]', counts integer[], flags boolean[]
);
create table m (team text not null, user_id uuid not null, primary key (team, user_id));
-- policies.sql
create policy "own" on m for select to authenticated using (user_id = auth.uid());
create policy "1" on t for select to authenticated using (
  auth.uid() = any(readers) or auth.uid() = any (t.readers) or not ('hidden' = any(tags)) or kind = some(tags)
);
create policy "2" on t for select to authenticated using (
  auth.uid() <> all(readers) and id = any(counts) and flag = any(flags) and auth.jwt() ->> 'team' = any(tags)
);
create policy "3" on t for select to authenticated using (
  tags @> array['a', kind] or array['a'] <@ tags or tags && array['a', null] or readers @> array[auth.uid()]
);
create policy "4" on t for select to authenticated using (
  kind = any(select team from m) and kind <> all((select team from m)) and kind = any(array['a', 'b']) and id <> all(array[1, 2])
);
create policy "5" on t for insert to authenticated with check (owner_id = auth.uid() and auth.uid() = any(readers));
-- functions.sql
create function these(ids integer[]) returns setof t language sql stable as $$ select * from t where id = any(ids) $$;
grant execute on function these to authenticated;

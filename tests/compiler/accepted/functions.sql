-- schema.sql
create table notes (
  id integer primary key,
  owner_id uuid not null,
  title varchar(20) not null,
  done boolean not null default false,
  priority smallint not null default 3,
  due date,
  settings jsonb not null default '{}',
  total integer generated always as (priority * 2) stored
);
create table tags (note_id integer not null references notes (id), tag text not null);
-- policies.sql
create policy "own" on notes to authenticated using (owner_id = auth.uid());
create policy "of own" on tags to authenticated
  using (note_id in (select id from notes)) with check (note_id in (select id from notes));
create policy "all" on notes for select to anon using (not done);
-- functions.sql
create function rows_of_a_table(wanted integer) returns setof notes language sql stable as $$
  select * from notes where id = wanted
$$;
create or replace function public.one_row("Wanted" integer) returns public.notes
language sql immutable set search_path = '' as 'select n.* from public.notes as n where n.id = $1';
create function declared(least smallint = 1, named text default null)
returns table (id bigint, title text, tags bigint) language sql stable parallel safe as $body$
  select notes.id, title, (select count(*) from tags where note_id = notes.id)
  from notes
  where priority >= least and (named is null or title like '%x%' or title = declared.named)
  order by notes.id desc limit 10
$body$;
create function a_value() returns text language sql called on null input stable as $$
  select auth.role() || ' ' || coalesce(auth.uid()::text, 'nobody')
$$;
create function values_of(list jsonb) returns setof integer language sql stable as $$
  select value::integer from jsonb_array_elements(list) union all select id from notes
$$;
create function writes(wanted bigint, text varchar(20), day date, more jsonb) returns setof notes
language sql volatile security invoker as $$
  insert into notes (owner_id, title, due, settings) values (auth.uid(), text, day, more), (auth.uid(), 'second', null, '{}');
  insert into tags select id, 'new' from notes where title = writes.text;
  update notes as n set priority = n.priority + 1, done = not done, title = title || '!' where n.id = wanted;
  delete from tags where note_id = wanted and not exists (select 1 from notes where notes.id = tags.note_id);
  update notes set done = true where id = wanted returning *;
$$;
create function writes_as_owner() returns setof bigint language sql security definer as $$
  delete from notes where done returning id + 1
$$;
create function everybodys() returns void language sql as $$
  delete from tags where tag = 'x'
$$;
create function opened_and_closed() returns integer language sql stable as $$ select 1 $$;
grant execute on function rows_of_a_table(integer) to anon, authenticated;
grant execute on function public.one_row to authenticated;
grant execute on all functions in schema public to authenticated;
grant execute on function a_value to public;
grant all on function writes_as_owner to anon;
revoke execute on function opened_and_closed from public;

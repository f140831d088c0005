create or replace function public.is_editor()
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce((select a.is_editor from public.authors a where a.id = (select auth.uid())), false);
$$;

create or replace function public.is_editor_of(category smallint) returns boolean
language sql stable security definer set search_path = public
as $$
  select is_editor() or exists (
    select 1 from categories c where c.id = category and auth.uid() = any (c.editors)
  );
$$;

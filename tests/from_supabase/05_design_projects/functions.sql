-- As security definer these read the members without the policies of project_members, which call them.
create or replace function public.is_project_member(project uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select 1 from public.project_members m
    where m.project_id = project and m.user_id = (select auth.uid())
  );
$$;

create or replace function public.is_project_editor(project uuid)
returns boolean
language sql
stable
security definer
set search_path to ''
as $function$
  select exists (
    select 1 from public.project_members m
    where m.project_id = project
      and m.user_id = auth.uid()
      and m.role in ('editor', 'admin')
  ) or exists (select 1 from public.projects p where p.id = project and p.owner_id = auth.uid());
$function$;

-- Calls another helper.
create or replace function public.can_read_file(file uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(
    (select public.is_project_member(f.project_id) from public.files f where f.id = file),
    false
  );
$$;

revoke execute on function public.is_project_member(uuid) from anon;
grant execute on function public.is_project_member(uuid) to authenticated;

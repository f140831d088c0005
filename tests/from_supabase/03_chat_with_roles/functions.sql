-- Whether the role in the caller's token has the permission.
create or replace function public.authorize(
  requested_permission text
)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select 1
    from public.role_permissions as granted
    where granted.permission = requested_permission
      and granted.role = (select (auth.jwt() ->> 'user_role')::public.app_role)
  );
$$;

create schema if not exists private;

create or replace function private.tenant_id()
returns uuid
language sql
stable
set search_path = ''
as $$
  select nullif(((auth.jwt() -> 'app_metadata') ->> 'tenant_id'), '')::uuid;
$$;

create or replace function private.tenant_is_active()
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(
    (select t.suspended_at is null or t.suspended_at > now() from public.tenants t where t.id = private.tenant_id()),
    false
  )
$$;

create or replace function private.has_permission(permission text)
returns boolean
language sql
stable
set search_path = ''
as $$
  select coalesce(auth.jwt() -> 'app_metadata' -> 'permissions' ? permission, false)
$$;

create schema if not exists private;

grant usage on schema private to authenticated;

-- Whether the caller is in the account, in that role where one is named.
create or replace function private.has_role_on_account(account_id uuid, account_role text default null)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select 1
    from public.account_users au
    where au.user_id = auth.uid()
      and au.account_id = has_role_on_account.account_id
      and (
        au.account_role = has_role_on_account.account_role
        or has_role_on_account.account_role is null
      )
  );
$$;

grant execute on function private.has_role_on_account(uuid, text) to authenticated;

-- The accounts of the caller, in that role where one is named.
create or replace function private.accounts_with_role(wanted_role text default null)
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select au.account_id
  from public.account_users au
  where au.user_id = auth.uid()
    and (wanted_role is null or au.account_role = wanted_role);
$$;

grant execute on function private.accounts_with_role(text) to authenticated;

create or replace function private.is_set_up(account uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select count(*) >= 1 from public.account_users au where au.account_id = account and au.account_role = 'owner'
$$;

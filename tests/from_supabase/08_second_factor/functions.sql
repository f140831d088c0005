-- Whether the caller has a second factor that was verified once.
create or replace function private.has_verified_factor()
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select 1 from auth.mfa_factors
    where mfa_factors.user_id = (select auth.uid()) and mfa_factors.status = 'verified'
  );
$$;

-- The levels that are enough for the caller.
create or replace function private.accepted_levels()
returns text[]
language sql
stable
security definer
set search_path = ''
as $$
  select
    case
      when count(id) > 0 then array['aal2']
      else array['aal1', 'aal2']
    end
  from auth.mfa_factors
  where ((select auth.uid()) = user_id) and status = 'verified';
$$;

create or replace function requesting_user_id()
returns text
language sql stable
as $$
  select nullif(auth.jwt() ->> 'sub', '')::text;
$$;

-- The provider has named the organization in two places over time.
create or replace function public.requesting_org_id() returns text as $$
  select coalesce(auth.jwt() ->> 'org_id', auth.jwt() -> 'o' ->> 'id')
$$ language sql stable;

-- schema.sql
create table users (
  id uuid primary key,
  note text
);
-- policies.sql
create policy "confirmed" on users for select to authenticated
  using (is_confirmed() and email_of(id) like '%@example.com' and not is_new());
-- functions.sql
create function is_confirmed() returns boolean language sql stable security definer as $$
  select exists (
    select 1 from auth.users
    where auth.users.id = auth.uid() and email_confirmed_at is not null and not users.is_anonymous
  )
$$;
create function email_of(account uuid) returns text language sql stable security definer as $$
  select u.email from auth.users u where u.id = account
$$;
create function is_new() returns boolean language sql stable security definer as $$
  select created_at > now() - interval '1 day' from auth.users where id = auth.uid()
$$;
create function factors() returns table (kind text, count bigint) language sql stable security definer as $$
  select f.factor_type, count(*) from auth.users u left join auth.mfa_factors f on f.user_id = u.id
  where u.id = auth.uid() group by f.factor_type
$$;
create function inner_count() returns bigint language sql stable as $$
  select count(*) from users
$$;

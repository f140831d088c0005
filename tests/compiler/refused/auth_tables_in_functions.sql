-- schema.sql
create table users (
  id uuid primary key,
  role text not null
);
-- policies.sql
create policy "own" on users for select to authenticated using (id = auth.uid());
-- functions.sql
create function hash() returns text language sql stable security definer as $$
  select password_hash from auth.users where id = auth.uid()
$$;
create function encrypted() returns text language sql stable security definer as $$
  select u.encrypted_password from auth.users u where u.id = auth.uid()
$$;
create function secret() returns text language sql stable security definer as $$
  select secret from auth.mfa_factors where user_id = auth.uid()
$$;
create function confirmation() returns boolean language sql stable security definer as $$
  select exists (select 1 from auth.users where confirmation_token = 'x' or recovery_token = 'y')
$$;
create function everything() returns setof users language sql stable security definer as $$
  select * from auth.users
$$;
create function sessions() returns bigint language sql stable security definer as $$
  select count(*) from auth.sessions
$$;
create function as_caller() returns bigint language sql stable as $$
  select count(*) from auth.users
$$;
create function as_invoker() returns bigint language sql stable security invoker as $$
  select count(*) from auth.mfa_factors
$$;
create function has_role(role text) returns boolean language sql stable security definer as $$
  select exists (select 1 from auth.users where id = auth.uid() and role = 'admin')
$$;
create function own_table() returns bigint language sql stable security definer as $$
  select count(*) from auth_users
$$;
create function of_another() returns bigint language sql stable security definer as $$
  select count(*) from users where auth.users.id = auth.uid()
$$;
create function rename_users() returns void language sql security definer as $$
  update auth.users set email = 'a@b.test'
$$;
create function delete_users() returns void language sql security definer as $$
  delete from auth.users
$$;
create function delete_factors() returns void language sql security definer as $$
  delete from auth.mfa_factors where user_id = auth.uid()
$$;
create function several() returns uuid language sql stable security definer as $$
  select (select u.id + 1 from auth.users u)
$$;

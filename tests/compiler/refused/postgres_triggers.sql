-- schema.sql
create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  full_name text,
  updated_at timestamptz default now()
);

create function public.handle_new_user()
returns trigger
language plpgsql
security definer set search_path = ''
as $$
begin
  insert into public.profiles (id, full_name)
  values (new.id, new.raw_user_meta_data ->> 'full_name');
  return new;
end;
$$;
create trigger on_auth_user_created
  after insert on auth.users
  for each row execute procedure public.handle_new_user();

create or replace function set_updated_at() returns trigger as $$
begin
  new.updated_at = now();
  return new;
end;
$$ language plpgsql;
create or replace trigger profiles_updated_at before update on public.profiles
  for each row execute function set_updated_at();
create trigger profiles_moddatetime before update on profiles
  for each row execute procedure extensions.moddatetime (updated_at);

create function check_name() returns trigger as $$
begin
  if new.full_name = '' then
    raise exception 'no name';
  end if;
  return new;
end;
$$ language plpgsql;
create constraint trigger profiles_name after insert or update on profiles
  for each row when (new.full_name is not null) execute function check_name();
create trigger profiles_nowhere after insert on profiles for each row execute function nowhere();
create function log_change() returns trigger as $$
begin
  insert into public.log (profile_id, at) values (new.id, new.updated_at);
  delete from public.log where profile_id is null;
  return null;
end
$$ language plpgsql;
create trigger profiles_logged after insert or update of full_name, updated_at on profiles
  for each row when (new.full_name is distinct from 'x') execute function log_change();
create trigger profiles_changed after update on profiles
  for each row when (old.* is distinct from new.*) execute function log_change();
create trigger profiles_gone after delete on profiles for each row execute function log_change();
create trigger profiles_before before insert on profiles for each row execute function log_change();
-- policies.sql

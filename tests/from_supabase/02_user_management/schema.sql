-- A public profile for each account, made when the account is.
create table profiles (
  id uuid references auth.users on delete cascade not null primary key,
  updated_at timestamp with time zone,
  username text unique,
  full_name text,
  avatar_url text,
  website text,
  is_listed boolean not null default true,

  constraint username_length check (char_length(username) >= 3)
);

create table user_settings (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  theme text not null default 'system',
  notifications jsonb not null default '{}'::jsonb,
  birthday date,
  created_at timestamptz not null default now()
);

alter table profiles enable row level security;
alter table user_settings enable row level security;

-- What handle_new_user() does on Supabase, as a trigger of SQLite; postgres.sql has the original.
create trigger on_auth_user_created after insert on auth_users
begin
  insert into profiles (id, username, full_name, avatar_url)
  values (
    new.id,
    new.user_metadata ->> 'user_name',
    new.user_metadata ->> 'full_name',
    new.user_metadata ->> 'avatar_url'
  );
end;

-- A small project as Supabase's editor and pg_dump write one, with everything that is translated.
create extension if not exists "uuid-ossp";
create type public.mood as enum ('happy', 'sad');

create table public.profiles (
  id uuid references auth.users on delete cascade not null primary key,
  updated_at timestamp with time zone default now(),
  full_name text not null,
  username text unique,
  constraint username_length check (char_length(username) >= 3),
  constraint username_letters check (username ~ '^[a-z0-9_]+$')
);
alter table public.profiles enable row level security;
comment on table public.profiles is 'One row a user.';

create trigger on_auth_user_created after insert on auth.users
begin
  insert into public.profiles (id, full_name) values (new.id, new.raw_user_meta_data ->> 'full_name');
end;

create trigger profiles_updated_at after update on profiles
begin
  update profiles set updated_at = (strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))
  where rowid = new.rowid;
end;

create table if not exists public.todos (
  id bigint generated always as identity primary key,
  user_id uuid default auth.uid() not null references public.profiles (id) on delete cascade,
  task text not null check (char_length(task) > 3),
  feeling mood default 'happy'::public.mood not null,
  tags text[] default '{}'::text[] check (array_length(tags, 1) <= 2),
  data jsonb default '{}'::jsonb not null,
  share_token uuid default gen_random_uuid(),
  level double precision default 2.5 check (ceil(level) < 10 and mod(level, 2) >= 0),
  priority text default 'low'::text check ((priority = any (array['low'::text, 'high'::text]))),
  due date default (current_date + 7),
  expires_at timestamptz default now() + interval '30 days',
  inserted_at timestamp with time zone default timezone('utc'::text, now()) not null
);
create index on public.todos using btree (user_id, inserted_at desc nulls last);
create index todos_tags on public.todos using gin (tags);

create policy "own profile" on public.profiles for select using ((select auth.uid()) = id);
create policy "own profile changes" on public.profiles for update using ((select auth.uid()) = id);
create policy "own todos" on public.todos for all to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant usage on schema public to anon, authenticated;
grant all on table public.todos to postgres, service_role;

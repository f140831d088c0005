-- Avatars of users, in a bucket. The policies are on a table of Supabase Storage, which Selvedge does not have.
create table public.avatars (
  user_id uuid primary key references auth.users (id) on delete cascade,
  path text not null
);

alter table public.avatars enable row level security;

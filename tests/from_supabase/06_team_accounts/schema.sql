-- Accounts that several users share; every other table belongs to an account.
create table public.accounts (
  id uuid primary key default gen_random_uuid(),
  primary_owner_user_id uuid references auth.users not null default auth.uid(),
  name text,
  slug text unique,
  personal_account boolean default false not null,
  public_metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now(),
  constraint accounts_slug_of_teams check (
    (personal_account = true and slug is null) or (personal_account = false and slug is not null)
  )
);

create table public.account_users (
  user_id uuid references auth.users on delete cascade not null,
  account_id uuid references public.accounts on delete cascade not null,
  account_role text not null check (account_role in ('owner', 'member')),
  primary key (user_id, account_id)
);

create table public.invitations (
  id uuid primary key default gen_random_uuid(),
  account_id uuid references public.accounts (id) on delete cascade not null,
  invited_by_user_id uuid references auth.users not null,
  account_role text not null,
  invitation_type text not null check (invitation_type in ('one_time', '24_hour')),
  created_at timestamp with time zone not null default now()
);

create table public.projects (
  id bigserial primary key,
  account_id uuid not null references public.accounts (id) on delete cascade,
  name varchar(120) not null,
  archived_at timestamptz
);

alter table public.accounts enable row level security;
alter table public.account_users enable row level security;
alter table public.invitations enable row level security;
alter table public.projects enable row level security;

-- Projects with members, files in projects, comments on files.
create table public.projects (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  is_link_shared boolean not null default false,
  created_at timestamptz not null default now()
);

create table public.project_members (
  project_id uuid not null references public.projects (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null default 'viewer' check (role in ('viewer', 'editor', 'admin')),
  created_at timestamptz not null default now(),
  primary key (project_id, user_id)
);

create table public.files (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  name text not null,
  locked_by uuid references auth.users (id) on delete set null,
  document jsonb not null default '{}'::jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz
);

create table public.file_comments (
  id bigint generated always as identity primary key,
  file_id uuid not null references public.files (id) on delete cascade,
  author_id uuid references auth.users (id) on delete set null,
  x double precision not null default 0,
  y double precision not null default 0,
  body text not null,
  resolved_at timestamptz,
  created_at timestamptz not null default now()
);

create index on public.project_members (user_id);
create index files_project_id_idx on public.files using btree (project_id);

alter table public.projects enable row level security;
alter table public.project_members enable row level security;
alter table public.files enable row level security;
alter table public.file_comments enable row level security;

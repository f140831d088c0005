-- A small publishing system: authors write, editors publish, everyone reads what is out.
create table public.authors (
  id uuid primary key references auth.users (id) on delete cascade,
  pen_name text not null unique,
  bio text,
  is_editor boolean not null default false
);

create table public.categories (
  id smallint primary key,
  slug text not null unique,
  is_internal boolean not null default false,
  editors uuid[] not null default '{}'
);

create table public.posts (
  id uuid primary key default gen_random_uuid(),
  author_id uuid not null references public.authors (id),
  category_id smallint references public.categories (id),
  title text not null,
  slug text not null,
  body text not null default '',
  status text not null default 'draft' check (status in ('draft', 'review', 'published', 'archived')),
  tags text[] not null default array[]::text[],
  meta jsonb not null default '{}',
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint posts_slug_format check (slug = lower(slug))
);
create unique index posts_slug_key on public.posts (lower(slug));

create table public.post_comments (
  id bigint generated always as identity primary key,
  post_id uuid not null references public.posts (id) on delete cascade,
  author_id uuid references auth.users (id),
  body text not null check (length(trim(body)) > 0),
  approved boolean,
  created_at timestamptz not null default now()
);

alter table public.authors enable row level security;
alter table public.categories enable row level security;
alter table public.posts enable row level security;
alter table public.post_comments enable row level security;

-- Anonymous sign-ins may look and keep a cart; only permanent users post.
create table if not exists public.news_feed (
  id bigint generated always as identity primary key,
  author_id uuid not null default auth.uid() references auth.users (id),
  title text not null,
  members_only boolean not null default false,
  published_at timestamptz default now()
);

create table if not exists public.cart_items (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  product text not null,
  quantity smallint not null default 1 check (quantity between 1 and 99),
  unit_price numeric(10, 2) not null default 0
);

create table if not exists public.orders (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null default auth.uid() references auth.users (id),
  total numeric(10, 2) not null,
  placed_at timestamptz not null default now()
);

alter table public.news_feed enable row level security;
alter table public.cart_items enable row level security;
alter table public.orders enable row level security;

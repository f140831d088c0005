-- One database for many companies; the company of a user stands in app_metadata, which only the server sets.
create table public.tenants (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  subdomain text not null unique,
  plan text not null default 'free' check (plan in ('free', 'team', 'business')),
  suspended_at timestamptz
);

create table public.customers (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  name text not null,
  email text,
  assigned_to uuid references auth.users (id) on delete set null,
  is_confidential boolean not null default false
);

create table public.invoices (
  id bigint generated always as identity primary key,
  tenant_id uuid not null references public.tenants (id) on delete cascade,
  customer_id bigint not null references public.customers (id),
  number text not null,
  amount numeric(12, 2) not null check (amount >= 0),
  tax_rate numeric(5, 4) not null default 0.19,
  issued_on date not null default current_date,
  due_on date,
  paid_at timestamptz,
  unique (tenant_id, number)
);

create index customers_tenant_id on public.customers (tenant_id);
create index invoices_tenant_id on public.invoices (tenant_id);

alter table public.tenants enable row level security;
alter table public.customers enable row level security;
alter table public.invoices enable row level security;

-- Users and organizations live at an identity provider; their ids are text and come in the token.
create table tasks (
  id serial primary key,
  name text not null,
  user_id text not null default auth.jwt() ->> 'sub',
  org_id text default (auth.jwt() ->> 'org_id'),
  is_done boolean default false,
  created_at timestamptz default now()
);

create table org_settings (
  org_id text primary key,
  billing_email text,
  features text[] not null default '{}',
  seats integer not null default 1
);

create table audit_log (
  id bigint generated always as identity primary key,
  org_id text not null,
  actor_id text,
  event text not null,
  details jsonb,
  at timestamptz not null default current_timestamp
);

alter table tasks enable row level security;
alter table org_settings enable row level security;
alter table audit_log enable row level security;

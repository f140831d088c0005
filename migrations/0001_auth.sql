-- Selvedge's own tables. Your schema may refer to auth_users (id); the REST API never shows them.

-- One row an account. Times are milliseconds since 1970.
create table auth_users (
  id                  text primary key,
  email               text collate nocase unique,
  password_hash       text,
  email_confirmed_at  integer,
  last_sign_in_at     integer,
  app_metadata        text not null default '{}',
  user_metadata       text not null default '{}',
  created_at          integer not null,
  updated_at          integer not null
) strict, without rowid;

-- One row a session. Refresh tokens are derived from id and counter and never stored.
create table auth_sessions (
  id            text primary key,
  user_id       text not null references auth_users (id) on delete cascade,
  counter       integer not null default 0,
  refreshed_at  integer not null,
  created_at    integer not null
) strict, without rowid;
create index auth_sessions_user_id on auth_sessions (user_id);

-- What accounts, sessions and their ways in have beyond an address and a password. Times are milliseconds since 1970.

alter table auth_users add column is_anonymous integer not null default 0;
-- An address that waits to be confirmed in the place of the present one.
alter table auth_users add column new_email text collate nocase;
alter table auth_users add column confirmation_sent_at integer;
alter table auth_users add column recovery_sent_at integer;
alter table auth_users add column email_change_sent_at integer;
alter table auth_users add column reauthentication_sent_at integer;
alter table auth_users add column invited_at integer;
alter table auth_users add column banned_until integer;
alter table auth_users add column deleted_at integer;
-- Whether the account was asked for by somebody whom nobody knows yet, and not made by the owner's server. Until a letter
-- confirms it, it has the password and metadata of its one sign-up, or none once there were two: what it gets is in the letter.
alter table auth_users add column is_open integer not null default 0;

create index auth_users_created_at on auth_users (created_at);
create index auth_users_anonymous on auth_users (created_at) where is_anonymous = 1;

-- How sure the session is of its user, and by what (RFC 8176 is the idea, the dialect has names of its own): a JSON array
-- of {"method", "timestamp"}, the newest first. The device is told as its owner would know it; no whole address is kept.
alter table auth_sessions add column aal text not null default 'aal1';
alter table auth_sessions add column amr text not null default '[]';
alter table auth_sessions add column user_agent text;
alter table auth_sessions add column network text;
create index auth_sessions_created_at on auth_sessions (created_at);
update auth_sessions set amr = json_array(json_object('method', 'password', 'timestamp', created_at / 1000));

-- One row for each way in that an account has: its address, or an account at a provider, whose name for it is `subject`.
create table auth_identities (
  id               text primary key,
  user_id          text not null references auth_users (id) on delete cascade,
  provider         text not null,
  subject          text not null,
  email            text collate nocase,
  identity_data    text not null default '{}',
  last_sign_in_at  integer,
  created_at       integer not null,
  updated_at       integer not null,
  unique (provider, subject)
) strict, without rowid;
create index auth_identities_user_id on auth_identities (user_id);
insert into auth_identities (id, user_id, provider, subject, email, identity_data, last_sign_in_at, created_at, updated_at)
select id, id, 'email', id, email,
  json_object('email', email, 'email_verified', json(iif(email_confirmed_at is null, 'false', 'true')), 'phone_verified', json('false'), 'sub', id),
  last_sign_in_at, created_at, updated_at
from auth_users where email is not null;

-- What was sent by mail and is good for one use: a link and a code, both derived from the id and stored nowhere.
create table auth_one_time_tokens (
  id              text primary key,
  user_id         text not null references auth_users (id) on delete cascade,
  purpose         text not null,
  -- Where it was sent, which is also how a code is looked up.
  address         text not null collate nocase,
  redirect_to     text,
  code_challenge  text,
  -- What an open account gets when this confirms it: of the request that the letter was sent for.
  password_hash   text,
  user_metadata   text,
  attempts        integer not null default 0,
  -- Whether nothing else is needed: of the two that a change of address takes, the first one used makes the other the last.
  is_last         integer not null default 1,
  created_at      integer not null
) strict, without rowid;
-- Sign-ups wait beside each other, since nobody knows yet whose the address is. Of anything else an account has one.
create unique index auth_one_time_tokens_purpose
  on auth_one_time_tokens (user_id, purpose, iif(purpose = 'signup', id, ''));
create index auth_one_time_tokens_address on auth_one_time_tokens (address, purpose);
create index auth_one_time_tokens_created_at on auth_one_time_tokens (created_at);

-- A way in that has begun in one request and ends in another: at a provider, or behind a link with PKCE (RFC 7636).
create table auth_flows (
  id               text primary key,
  -- Who has come in; null until then.
  user_id          text references auth_users (id) on delete cascade,
  -- Who wants another identity, for whom nobody else's is taken.
  linking_user_id  text references auth_users (id) on delete cascade,
  -- By which session: with its end nothing is linked any more.
  linking_session_id  text references auth_sessions (id) on delete cascade,
  provider         text,
  -- By what the user has come in, as in `amr`.
  method           text not null,
  code_challenge   text,
  redirect_to      text not null,
  -- The provider's own tokens, encrypted.
  provider_tokens  text,
  -- Who somebody is at the provider, until the app that began it takes the identity: JSON.
  identity         text,
  created_at       integer not null
) strict, without rowid;
create index auth_flows_created_at on auth_flows (created_at);
create index auth_flows_user_id on auth_flows (user_id) where user_id is not null;
create index auth_flows_linking_user_id on auth_flows (linking_user_id) where linking_user_id is not null;
create index auth_flows_linking_session_id on auth_flows (linking_session_id) where linking_session_id is not null;

-- Second factors. The secret is encrypted; a code is taken once, since its step must be later than the last.
create table auth_factors (
  id                  text primary key,
  user_id             text not null references auth_users (id) on delete cascade,
  friendly_name       text not null default '',
  status              text not null default 'unverified',
  secret              text not null,
  last_step           integer not null default 0,
  last_challenged_at  integer,
  created_at          integer not null,
  updated_at          integer not null,
  unique (user_id, friendly_name)
) strict, without rowid;
create index auth_factors_unverified on auth_factors (created_at) where status = 'unverified';
create table auth_challenges (
  id          text primary key,
  factor_id   text not null references auth_factors (id) on delete cascade,
  created_at  integer not null
) strict, without rowid;
create index auth_challenges_factor_id on auth_challenges (factor_id);
create index auth_challenges_created_at on auth_challenges (created_at);
create table auth_recovery_codes (
  user_id  text not null references auth_users (id) on delete cascade,
  digest   text not null,
  primary key (user_id, digest)
) strict, without rowid;

-- Letters that wait to be sent, committed together with what they tell of. What is secret in a letter is derived when it
-- is sent, so none lies here, and then the row goes. On a machine for development, where nothing is sent, it stays: its
-- data are then the letter itself.
create table auth_letters (
  id          text primary key,
  kind        text not null,
  user_id     text,
  token_id    text,
  recipient   text not null,
  data        text not null default '{}',
  attempts    integer not null default 0,
  -- When it is to be tried next; null when it has been sent.
  due_at      integer,
  created_at  integer not null
) strict, without rowid;
create index auth_letters_due_at on auth_letters (due_at);

-- How often something was tried lately, and until when the next try waits. The key is a keyed hash, so that nobody's
-- address is read from it.
create table auth_counters (
  key         text primary key,
  count       integer not null,
  due_at      integer not null,
  -- When a try was good, if one ever was.
  proven_at   integer,
  updated_at  integer not null
) strict, without rowid;
create index auth_counters_updated_at on auth_counters (updated_at);

-- Who did what to which account. The network is that of whoever did it, without what tells one subscriber.
create table auth_audit (
  id          text primary key,
  actor_id    text,
  action      text not null,
  traits      text not null default '{}',
  network     text,
  created_at  integer not null
) strict, without rowid;
create index auth_audit_created_at on auth_audit (created_at);
create index auth_audit_actor_id on auth_audit (actor_id, created_at);

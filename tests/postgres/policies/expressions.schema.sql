-- What the expressions beside this file are written for. PostgreSQL and Selvedge both accept this file as it is, so
-- there are no defaults that call functions and no references. The policy under test is one on `documents`.

create table documents (
  id              integer primary key,
  user_id         uuid,
  reviewer_id     uuid,
  created_by      text,
  team_id         integer,
  tenant_id       uuid,
  org_id          text,
  title           varchar(80) not null,
  slug            text,
  body            text,
  email           text,
  domain          text,
  country         varchar(2),
  status          text not null,
  visibility      text,
  required_role   text,
  required_level  integer,
  is_public       boolean not null,
  archived        boolean,
  secret          boolean,
  priority        smallint,
  views           bigint,
  price           numeric,
  balance         numeric,
  score           double precision,
  data            jsonb,
  settings        jsonb,
  tags            text[],
  scores          integer[],
  shared_with     uuid[],
  allowed_roles   text[],
  due             date,
  starts_on       date,
  ends_on         date,
  opens_at        time,
  closes_at       time,
  scheduled_at    timestamp,
  created_at      timestamptz not null,
  published_at    timestamptz,
  expires_at      timestamptz,
  deleted_at      timestamptz
);

create table teams (
  id         integer primary key,
  name       varchar(40) not null,
  owner_id   uuid,
  is_public  boolean not null,
  plan       text not null,
  max_seats  integer
);

create table team_members (
  team_id    integer not null,
  user_id    uuid not null,
  role       text not null,
  joined_at  timestamptz not null,
  left_at    timestamptz,
  primary key (team_id, user_id)
);

create table profiles (
  id        uuid primary key,
  username  text,
  email     text,
  role      text,
  banned    boolean,
  level     integer,
  org_id    text,
  team_ids  integer[]
);

create table role_permissions (
  id          integer primary key,
  role        text not null,
  permission  text not null
);

create table document_shares (
  document_id  integer not null,
  user_id      uuid not null,
  can_edit     boolean not null,
  expires_at   timestamptz,
  primary key (document_id, user_id)
);

create table blocks (
  blocker_id  uuid not null,
  blocked_id  uuid not null,
  primary key (blocker_id, blocked_id)
);

create table allowed_domains (
  domain  text primary key
);

create table subscriptions (
  id       integer primary key,
  user_id  uuid not null,
  status   text not null,
  seats    smallint,
  ends_at  timestamptz
);

create table mfa_factors (
  id       uuid primary key,
  user_id  uuid not null,
  status   text not null
);

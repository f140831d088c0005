-- schema.sql
create table authors (
  id      integer primary key,
  "First Name" varchar(20) not null default 'it''s' constraint named_check check (length("First Name") > 1),
  code    text constraint code_is_unique unique,
  parent  integer constraint parent_key references authors on delete set null,
  other   bigint references authors (id),
  size    double precision check ( size /* metres */ > 0 and size < 100 ),
  "order" integer check ("order" <> 7) check ("order" >= 0),
  doubled integer generated always as ("order" * 2) stored,
  at      timestamp with time zone default '2024-01-02T03:04:05.000000+00:00',
  raw     blob default x'00ff',
  money   numeric(10, 2) default 1.50,
  unique (code, parent),
  check (size <> "order"),
  constraint last_check check (parent <> id)
);
create unique index authors_size on authors (size);
create unique index authors_partial on authors (size) where size > 1;
create unique index authors_lower on authors (lower(code));
create index authors_plain on authors ("order", code desc);
-- policies.sql
create policy "everything" on authors for all using (true);
alter table authors enable row level security;

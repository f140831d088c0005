-- schema.sql
create table t (
  id integer primary key,
  level double precision not null default (round(pi(), 2))
    check (ceil(level) < 10 and floor(level) > 0 and mod(level, 2) >= 0 and sin(level) <= 1)
);
create policy read on t for select using (true);
-- policies.sql

-- schema.sql
-- What only SQLite writes stays as it is, byte for byte.
create table main.t (
  id integer primary key autoincrement,
  dev_ops text collate nocase unique on conflict replace,
  doubled integer as (case when id is not null then id * 2 else 0 end) stored,
  "index" text default 'a''b' check ("index" glob 'a*' or "index" is null),
  [select] text default "quoted" not null,
  `check` blob default x'00ff',
  at timestamptz default (strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')),
  until date default current_date,
  parent integer references t deferrable initially deferred,
  tags text[] default '["x"]' check (json_valid(tags) and json_array_length(tags) < 3)
);
create index t_lower on t (lower(dev_ops), dev_ops collate nocase desc) where dev_ops || '' <> 'x_ops';
create unique index main.t_at on t (at);
create table if not exists pairs (a text not null, b text not null, primary key (a, b)) strict, without rowid;
create view v (x, y) as select dev_ops, doubled from t where dev_ops like '%x%';
create trigger t_touched after update of dev_ops on t when new.dev_ops is not old.dev_ops begin
  update t set at = strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now') where id = new.id;
  select case when new.dev_ops = 'end' then raise(abort, 'no; never') end;
end;
-- policies.sql
create policy read on t for select using (true);
create policy read on v for select using (true);
create policy read on pairs for select using (true);

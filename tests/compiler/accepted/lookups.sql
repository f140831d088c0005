-- schema.sql
create table authors (
  id    integer primary key,
  name  text,
  code  text unique
);
create table books (
  id         integer primary key,
  author_id  integer,
  code       text
);
-- policies.sql
create policy "authors" on authors for select using (code is not null);

-- A new row is looked up by a key, alone and within `and` and `or`.
create policy "alone" on books for insert with check (author_id in (select id from authors));
create policy "joined" on books for insert
  with check ((author_id = 1 or code in (select distinct a.code from authors a where a.name = 'x' or a.id = 1))
    and books.author_id in (select id from authors));
-- Where null is not as good as false, nothing changes.
create policy "not" on books for insert with check (not (author_id in (select id from authors)));
create policy "not in" on books for insert with check (author_id not in (select id from authors));
create policy "null" on books for insert with check ((author_id in (select id from authors)) is null);
create policy "case" on books for insert
  with check (case when author_id in (select id from authors) then false else true end);
-- Nor where no key finds what is selected, or not the rows themselves are.
create policy "no key" on books for insert with check (code in (select name from authors));
create policy "limit" on books for insert with check (author_id in (select id from authors limit 1));
create policy "union" on books for insert
  with check (author_id in (select id from authors union select 1 from authors));
create policy "group" on books for insert with check (author_id in (select id from authors group by id));
create policy "value" on books for insert with check (author_id + 1 in (select id from authors));
create policy "two" on books for insert
  with check (author_id in (select a.id from authors a join authors b on a.id = b.id));
-- Rows that are there are found through the list.
create policy "using" on books for select using (author_id in (select id from authors));

-- schema.sql
create table people (id integer primary key, name text not null, salary integer not null default 0);
-- policies.sql
create policy "all" on people to authenticated using (true);
revoke select (salary), insert (salary), update (salary) on people from authenticated;
-- functions.sql
create function f() returns setof people language sql stable as $$ select * from people $$;
create function g() returns integer language sql stable as $$ select max(salary) from people $$;
create function h() returns void language sql as $$ insert into people (name, salary) values ('a', 1) $$;
create function i() returns void language sql as $$ update people set salary = 1 $$;
create function j() returns void language sql as $$ update people set name = 'a' where salary > 1 $$;
create function k() returns integer language sql as $$ delete from people returning salary $$;
create function l() returns people language sql as $$ delete from people returning * $$;
create function m() returns void language sql as $$ insert into people values (1, 'a', 2) $$;
grant execute on all functions in schema public to authenticated;

-- What can be called at /rest/v1/rpc/{name}, in Postgres' words; the statements are SQLite's.
-- A function does what its caller may do, and is closed until a grant opens it.

create function my_open_tasks() returns setof tasks
language sql stable as $$
  select * from tasks where not done and assignee_id = auth.uid() order by due nulls last, id
$$;

create function progress(project integer) returns numeric
language sql stable as $$
  select round(100.0 * count(*) filter (where done) / count(*), 1) from tasks
  where project_id = project
$$;

grant execute on function my_open_tasks to authenticated;
grant execute on function progress to authenticated;

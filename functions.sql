-- What can be called at /rest/v1/rpc/{name}: PostgreSQL's functions in `language sql`.
-- They run as their caller (security invoker), and are closed until `execute` is granted.

create function my_open_tasks() returns setof tasks
language sql stable as $$
  select * from tasks
  where not done and assignee_id = auth.uid()
  order by due nulls last, id
$$;

-- How much of a project is done, in percent; null when there is nothing to do.
create function progress(project integer) returns numeric
language sql stable as $$
  select round(100.0 * count(*) filter (where done) / nullif(count(*), 0), 1) from tasks
  where project_id = project
$$;

create function workload(since date default '2000-01-01')
returns table (project_id integer, project text, open_tasks bigint, estimate numeric)
language sql stable as $$
  select projects.id, projects.name, count(*), sum(tasks.estimate)
  from projects join tasks on tasks.project_id = projects.id
  where not tasks.done and (tasks.due is null or tasks.due >= since)
  group by projects.id, projects.name
  order by projects.id
$$;

create function complete_task(task_id integer) returns tasks
language sql as $$
  update tasks set done = true where id = task_id returning *
$$;

-- Two statements, one transaction: a task without its comment would be half a move.
create function move_task(task_id integer, target integer, reason text) returns void
language sql as $$
  update tasks set project_id = target, parent_id = null where id = task_id;
  insert into comments (task_id, author_id, body) values (task_id, auth.uid(), reason);
$$;

-- Only owners may change who is a member, so leaving borrows the owner's rights.
create function leave_project(project integer) returns boolean
language sql security definer as $$
  delete from members
  where project_id = project and user_id = auth.uid() and role <> 'owner'
  returning true
$$;

grant execute on all functions in schema public to authenticated;

-- Row-level security: which rows a role reads and writes. A table is closed until a policy opens it.
-- A sub-select in a policy is subject to the policies of what it reads, as in PostgreSQL.

create policy "own memberships" on memberships
  for select to authenticated
  using (user_id = auth.uid());

-- Written so that a new project is its owner's to read before its first member is entered.
create policy "projects of members" on projects
  for select to authenticated
  using (owner_id = auth.uid() or id in (select project_id from memberships));
create policy "own projects begin" on projects
  for insert to authenticated
  with check (owner_id = auth.uid());
create policy "own projects change" on projects
  for update to authenticated
  using (owner_id = auth.uid());
create policy "own projects end" on projects
  for delete to authenticated
  using (owner_id = auth.uid());

create policy "members of shared projects" on members
  for select to authenticated
  using (project_id in (select project_id from memberships));
create policy "owners choose members" on members
  for all to authenticated
  using (project_id in (select id from projects where owner_id = auth.uid()))
  with check (project_id in (select id from projects where owner_id = auth.uid()));
create policy "owners stay" on members
  as restrictive for delete to authenticated
  using (role <> 'owner');

create policy "tasks of members" on tasks
  for select to authenticated
  using (project_id in (select project_id from memberships));
create policy "editors write tasks" on tasks
  for all to authenticated
  using (project_id in (select project_id from memberships where role <> 'viewer'))
  with check (project_id in (select project_id from memberships where role <> 'viewer'));

create policy "comments of visible tasks" on comments
  for select to authenticated
  using (exists (select 1 from tasks where tasks.id = comments.task_id));
create policy "own comments" on comments
  for insert to authenticated
  with check (author_id = auth.uid() and task_id in (select id from tasks));
create policy "own comments change" on comments
  for update to authenticated
  using (author_id = auth.uid());
create policy "own comments end" on comments
  for delete to authenticated
  using (author_id = auth.uid());

create policy "labels of members" on labels
  for select to authenticated
  using (project_id in (select project_id from memberships));
create policy "editors write labels" on labels
  for all to authenticated
  using (project_id in (select project_id from memberships where role <> 'viewer'))
  with check (project_id in (select project_id from memberships where role <> 'viewer'));

create policy "labels of visible tasks" on task_labels
  for select to authenticated
  using (task_id in (select id from tasks));
create policy "editors label tasks" on task_labels
  for all to authenticated
  using (
    task_id in (
      select id from tasks
      where project_id in (select project_id from memberships where role <> 'viewer'))
    and label_id in (
      select id from labels
      where project_id in (select project_id from memberships where role <> 'viewer')))
  with check (
    task_id in (
      select id from tasks
      where project_id in (select project_id from memberships where role <> 'viewer'))
    and label_id in (
      select id from labels
      where project_id in (select project_id from memberships where role <> 'viewer')));

create policy "notes of owners" on project_notes
  for all to authenticated
  using (project_id in (select id from projects where owner_id = auth.uid()))
  with check (project_id in (select id from projects where owner_id = auth.uid()));

create policy "open tasks of members" on open_tasks
  for select to authenticated
  using (project_id in (select project_id from memberships));

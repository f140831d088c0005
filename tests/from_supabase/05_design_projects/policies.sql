create policy "projects: members and owners read" on public.projects
  for select to authenticated
  using (owner_id = (select auth.uid()) or public.is_project_member(id));
create policy "projects: anyone reads what is shared by link" on public.projects
  for select to anon, authenticated
  using (is_link_shared);
create policy "projects: insert as owner" on public.projects
  for insert to authenticated
  with check (owner_id = (select auth.uid()));
create policy "projects: editors update" on public.projects
  for update to authenticated
  using (public.is_project_editor(id))
  with check (public.is_project_editor(id));
create policy "projects: owners delete" on public.projects
  for delete to authenticated
  using (owner_id = (select auth.uid()));

create policy "members: see each other" on public.project_members
  for select to authenticated
  using (is_project_member(project_id));
create policy "members: owners invite" on public.project_members
  for insert to authenticated
  with check (exists (select 1 from public.projects p where p.id = project_id and p.owner_id = (select auth.uid())));
create policy "members: leave, or be removed by the owner" on public.project_members
  for delete to authenticated
  using (
    user_id = (select auth.uid())
    or project_id in (select p.id from public.projects p where p.owner_id = (select auth.uid()))
  );

create policy "files: members read" on public.files
  for select to authenticated
  using (public.is_project_member(project_id));
create policy "files: editors write" on public.files
  for all to authenticated
  using (public.is_project_editor(project_id) and (locked_by is null or locked_by = (select auth.uid())))
  with check (public.is_project_editor(project_id));

create policy "comments: readers of the file" on public.file_comments
  for select to authenticated
  using (public.can_read_file(file_id) and (resolved_at is null or resolved_at > now() - interval '7 days'));
create policy "comments: written as oneself" on public.file_comments
  for insert to authenticated
  with check (author_id = (select auth.uid()) and public.can_read_file(file_id));
create policy "comments: changed within a quarter of an hour" on public.file_comments
  for update to authenticated
  using (author_id = (select auth.uid()) and created_at > now() - interval '15 minutes')
  with check (author_id = (select auth.uid()));

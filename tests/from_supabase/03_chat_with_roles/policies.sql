create policy "Signed-in users read users" on public.users
  for select to authenticated using (true);
create policy "Users change themselves" on public.users
  for update to authenticated using ((select auth.uid()) = id);

create policy "Open channels are readable" on public.channels
  for select to authenticated
  using (not is_private or created_by = (select auth.uid()) or (select public.authorize('channels.read')));
create policy "Users open channels" on public.channels
  for insert to authenticated with check ((select auth.uid()) = created_by);
create policy "Authors and admins close channels" on public.channels
  for delete to authenticated
  using ((select auth.uid()) = created_by or (select authorize('channels.delete')));

create policy "Messages of readable channels" on public.messages
  for select to authenticated
  using (exists (select 1 from public.channels where channels.id = messages.channel_id));
create policy "Users write as themselves" on public.messages
  for insert to authenticated
  with check (
    (select auth.uid()) = user_id
    and channel_id in (select id from public.channels)
  );
create policy "Users correct their messages" on public.messages
  for update to authenticated
  using ((select auth.uid()) = user_id)
  with check ((select auth.uid()) = user_id);
create policy "Authors and moderators delete messages" on public.messages
  for delete to authenticated
  using ((select auth.uid()) = user_id or (select public.authorize('messages.delete')));

create policy "Users see their roles" on public.user_roles
  for select to authenticated using ((select auth.uid()) = user_id);

create policy "Moderators see what they may do" on public.role_permissions
  for select to authenticated
  using (role::text = (select auth.jwt() ->> 'user_role'));

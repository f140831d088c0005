create policy "Accounts are seen by their members" on public.accounts
  for select to authenticated
  using (private.has_role_on_account(id) = true);
create policy "Accounts are seen by their primary owner" on public.accounts
  for select to authenticated
  using (primary_owner_user_id = (select auth.uid()));
create policy "Team accounts can be made by any user" on public.accounts
  for insert to authenticated
  with check (personal_account = false and primary_owner_user_id = auth.uid());
create policy "Accounts are changed by owners" on public.accounts
  for update to authenticated
  using (private.has_role_on_account(id, 'owner'));

create policy "Users see their own memberships" on public.account_users
  for select to authenticated
  using (user_id = (select auth.uid()));
create policy "Members see their colleagues" on public.account_users
  for select to authenticated
  using (private.has_role_on_account(account_id) and private.is_set_up(account_id));
create policy "Members are removed by owners, but for the primary owner" on public.account_users
  for delete to authenticated
  using (
    private.has_role_on_account(account_id, 'owner') = true
    and user_id <> (select primary_owner_user_id from public.accounts where account_id = accounts.id)
  );

create policy "Invitations are seen by owners" on public.invitations
  for select to authenticated
  using (
    created_at > (now() - interval '24 hours')
    and private.has_role_on_account(account_id, 'owner')
  );
create policy "Invitations are made by owners of team accounts" on public.invitations
  for insert to authenticated
  with check (
    (select personal_account from public.accounts where id = account_id) = false
    and private.has_role_on_account(account_id, 'owner')
    and invited_by_user_id = auth.uid()
  );
create policy "Invitations are withdrawn by owners" on public.invitations
  for delete to authenticated
  using (private.has_role_on_account(account_id, account_role => 'owner'));

create policy "Projects of the caller's accounts" on public.projects
  for select to authenticated
  using (account_id in (select private.accounts_with_role()));
create policy "Projects are written by owners" on public.projects
  for all to authenticated
  using (account_id in (select private.accounts_with_role('owner')) and archived_at is null)
  with check (account_id = any (array(select private.accounts_with_role('owner'))));

create policy "own profile" on public.profiles
  for all to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
-- For users who signed up after a date.
create policy "new users need a second factor" on public.profiles
  as restrictive to authenticated
  using (
    array[(select auth.jwt() ->> 'aal')] <@ (
      select
        case
          when profiles.created_at >= '2026-03-01T00:00:00Z' then array['aal2']
          else array['aal1', 'aal2']
        end
    )
  );

create policy "own bank accounts" on public.bank_accounts
  for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
-- For every user.
create policy "bank accounts need a second factor" on public.bank_accounts
  as restrictive to authenticated
  using ((select auth.jwt() ->> 'aal') = 'aal2');

create policy "own keys" on public.api_keys
  for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
-- For users who have set one up.
create policy "keys need the second factor of enrolled users" on public.api_keys
  as restrictive to authenticated
  using (array[(select auth.jwt() ->> 'aal')] <@ (select private.accepted_levels()));

create policy "own documents" on public.documents
  for select to authenticated
  using (user_id = (select auth.uid()));
create policy "sensitive documents" on public.documents
  as restrictive for select to authenticated
  using (
    not sensitive
    or (select auth.jwt() ->> 'aal') = 'aal2'
    or (not private.has_verified_factor() and auth.jwt() -> 'amr' @> '[{"method": "oauth"}]')
  );
create policy "documents are written after the code of an authenticator app" on public.documents
  for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and exists (
      select 1 from jsonb_array_elements((select auth.jwt() -> 'amr')) as entry
      where entry ->> 'method' = 'totp'
    )
  );

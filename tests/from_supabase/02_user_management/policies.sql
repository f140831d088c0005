create policy "Listed profiles are visible to everyone." on profiles
  for select using (is_listed and username is not null);

create policy "A user always sees the own profile." on profiles
  for select to authenticated using ((select auth.uid()) = id);

create policy "Users add their own profile." on profiles
  for insert with check ((select auth.uid()) = id);

create policy "Users change their own profile." on profiles
  for update using ((select auth.uid()) = id);

create policy "Settings are private." on user_settings
  for all to authenticated
  using ((select auth.uid()) = user_id)
  with check ((select auth.uid()) = user_id and (birthday is null or birthday < current_date - interval '13 years'));

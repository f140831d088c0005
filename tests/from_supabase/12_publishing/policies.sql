create policy "Authors are public" on public.authors
  for select to anon, authenticated
  using (bio is not null or id = (select auth.uid()));

create policy "Public categories" on public.categories
  for select to public
  using (not is_internal);
create policy "Internal categories for authors" on public.categories
  for select to authenticated
  using (exists (select 1 from public.authors where authors.id = (select auth.uid())));

create policy "Published posts are readable by everyone" on public.posts
  for select to anon, authenticated
  using (status = 'published' and published_at <= now());
create policy "Early access for subscribers" on public.posts
  for select to authenticated
  using (
    status = 'published'
    and published_at <= now() + interval '2 days'
    and coalesce((auth.jwt() -> 'user_metadata' ->> 'newsletter')::boolean, false)
    and not (tags && array['embargo'])
  );
create policy "Authors read their own posts" on public.posts
  for select to authenticated
  using (author_id = (select auth.uid()));
create policy "Editors read what is in review" on public.posts
  for select to authenticated
  using (status in ('review', 'published', 'archived') and (select public.is_editor()));
create policy "Editors of a category read it" on public.posts
  for select to authenticated
  using (status <> 'draft' and public.is_editor_of(category_id));
create policy "Co-authors read drafts" on public.posts
  for select to authenticated
  using (meta -> 'co_authors' ? (select auth.uid())::text);
create policy "Authors start drafts" on public.posts
  for insert to authenticated
  with check (
    author_id = (select auth.uid())
    and status = 'draft'
    and published_at is null
    and slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'
  );
create policy "Authors change drafts" on public.posts
  for update to authenticated
  using (author_id = (select auth.uid()) and status = any (array['draft', 'review']))
  with check (author_id = (select auth.uid()) and status = any (array['draft', 'review']));
create policy "Editors change anything" on public.posts
  for all to authenticated
  using (public.is_editor())
  with check (public.is_editor() and (status <> 'published' or published_at is not null));

create policy "Approved comments of visible posts" on public.post_comments
  for select to anon, authenticated
  using (approved is true and post_id in (select id from public.posts));
create policy "Own comments, and all for editors" on public.post_comments
  for select to authenticated
  using (author_id = (select auth.uid()) or public.is_editor());
create policy "Comments wait for approval" on public.post_comments
  for insert to authenticated
  with check (
    author_id = (select auth.uid())
    and approved is not true
    and char_length(body) <= 1000
    and exists (select 1 from public.posts p where p.id = post_id and p.status = 'published')
  );

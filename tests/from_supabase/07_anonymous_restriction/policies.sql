create policy "Anonymous and permanent users view the feed"
on public.news_feed for select
to authenticated
using (true);

create policy "Entries for members are hidden from anonymous users"
on public.news_feed as restrictive for select
to authenticated
using (not members_only or (select (auth.jwt() ->> 'is_anonymous')::boolean) is false);

create policy "Authors post"
on public.news_feed for insert
to authenticated
with check (author_id = (select auth.uid()));

create policy "Only permanent users post"
on public.news_feed as restrictive for insert
to authenticated
with check ((select (auth.jwt() ->> 'is_anonymous')::boolean) is false);

create policy "Authors change their entries"
on public.news_feed for update
to authenticated
using (author_id = (select auth.uid()) and ((select (auth.jwt() ->> 'is_anonymous')::boolean) is false));

create policy "Everyone signed in has a cart"
on public.cart_items for all
to authenticated
using ((select auth.uid()) = user_id)
with check ((select auth.uid()) = user_id);

create policy "Small carts for anonymous users"
on public.cart_items as restrictive for insert
to authenticated
with check ((select (auth.jwt() ->> 'is_anonymous')::boolean) is not true or quantity * unit_price < 100);

create policy "Orders of permanent users"
on public.orders
as permissive
for all
to authenticated
using (user_id = (select auth.uid()))
with check (user_id = (select auth.uid()));

create policy "No orders of anonymous users"
on public.orders as restrictive
to authenticated
using (coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) = false);

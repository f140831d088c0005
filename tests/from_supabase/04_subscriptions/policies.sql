-- No policy on customers: it is for the service role alone.
create policy "Active products are public." on products
  for select using (active = true);

create policy "Prices of active products are public." on prices
  for select using (active is true and exists (select 1 from products where products.id = prices.product_id));

create policy "Own subscriptions only." on subscriptions
  for select using (auth.uid() = user_id);

create policy "Free articles are public." on articles
  for select using (not is_paid);

create policy "Paid articles are for subscribers." on articles
  for select to authenticated
  using (
    exists (
      select 1
      from public.subscriptions s
      join public.prices p on p.id = s.price_id
      where s.user_id = (select auth.uid())
        and s.status in ('trialing', 'active')
        and s.current_period_end > now()
        and (articles.product_id is null or p.product_id = articles.product_id)
    )
  );

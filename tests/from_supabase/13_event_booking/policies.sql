create policy "upcoming events" on public.events
  for select
  using (state in ('open', 'sold_out') and ends_at > now());
create policy "recent events for signed-in users" on public.events
  for select to authenticated
  using (state <> 'planned' and now() - ends_at < interval '30 days');
create policy "organizers see their events" on public.events
  for select to authenticated
  using (organizer_id = (select auth.uid()));
create policy "staff sees its events" on public.events
  for select to authenticated
  using (public.is_event_staff(id));
create policy "organizers plan events" on public.events
  for insert to authenticated
  with check (
    organizer_id = (select auth.uid())
    and state = 'planned'
    and starts_at > now() + interval '1 day'
    and ends_at - starts_at <= interval '3 days'
  );
create policy "organizers change events that are not over" on public.events
  for update to authenticated
  using (organizer_id = (select auth.uid()) and state <> 'over'::event_state)
  with check (organizer_id = (select auth.uid()));

create policy "tickets on sale" on public.ticket_types
  for select
  using (
    now() between coalesce(sale_starts, '-infinity') and coalesce(sale_ends, 'infinity')
    and event_id in (select id from public.events where state = 'open')
    and (only_domain is null or lower(split_part(auth.email(), '@', 2)) = lower(only_domain))
  );
create policy "all tickets for staff" on public.ticket_types
  for all to authenticated
  using (public.is_event_staff(event_id))
  with check (public.is_event_staff(event_id) and price >= 0 and price * (1 + 0.1) < 1000);

create policy "own bookings" on public.bookings
  for select to authenticated
  using (user_id = (select auth.uid()) and (state <> 'cancelled' or created_at > now() - interval '14 days'));
create policy "bookings of the staff's events" on public.bookings
  for select to authenticated
  using (
    exists (
      select 1 from public.ticket_types t
      where t.id = bookings.ticket_type_id and public.is_event_staff(t.event_id)
    )
  );
create policy "book what is on sale" on public.bookings
  for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and state = 'reserved'
    and quantity between 1 and 6
    and amount = quantity * (select t.price from public.ticket_types t where t.id = ticket_type_id)
    and public.tickets_taken(ticket_type_id) + quantity <= (select t.capacity from public.ticket_types t where t.id = ticket_type_id)
  );
create policy "cancel until two days before" on public.bookings
  for update to authenticated
  using (
    user_id = (select auth.uid())
    and exists (
      select 1
      from public.ticket_types t
      join public.events e on e.id = t.event_id
      where t.id = ticket_type_id and e.starts_at > now() + interval '2 days'
    )
  )
  with check (state = 'cancelled');

create policy "staff sees its shifts" on public.event_staff
  for select to authenticated
  using (user_id = (select auth.uid()) and cardinality(shifts) > 0);
create policy "organizers see their staff" on public.event_staff
  for select to authenticated
  using ((select e.organizer_id from public.events e where e.id = event_id) = (select auth.uid()));

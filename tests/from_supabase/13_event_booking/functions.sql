create or replace function public.is_event_staff(event integer)
returns boolean language sql stable security definer set search_path = ''
as $$
  select exists (select 1 from public.event_staff s where s.event_id = event and s.user_id = (select auth.uid()))
      or exists (select 1 from public.events e where e.id = event and e.organizer_id = (select auth.uid()));
$$;

-- How many tickets of a type are taken.
create or replace function public.tickets_taken(ticket_type integer)
returns bigint language sql stable security definer set search_path = ''
as $$
  select coalesce(sum(b.quantity), 0)
  from public.bookings b
  where b.ticket_type_id = ticket_type and b.state <> 'cancelled';
$$;

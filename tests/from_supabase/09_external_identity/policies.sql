create policy "User can view their own tasks"
on "public"."tasks"
for select
to authenticated
using (
  ((select auth.jwt() ->> 'sub') = (user_id)::text)
);

create policy "Tasks of the active organization"
on "public"."tasks"
as permissive for select
to authenticated
using (
  org_id is not null and org_id = (select public.requesting_org_id())
);

create policy "Tasks are added for oneself"
on "public"."tasks"
as permissive
for insert
to authenticated
with check (
  ((select auth.jwt() ->> 'sub') = (user_id)::text)
  and org_id is not distinct from requesting_org_id()
);

create policy "Tasks are finished by their user or an admin"
on public.tasks for update to authenticated
using (
  requesting_user_id() = user_id
  or (org_id = (auth.jwt() ->> 'org_id') and (auth.jwt() ->> 'org_role') in ('org:admin', 'admin'))
);

create policy "Settings for admins of the organization"
on org_settings for all to authenticated
using (
  org_id = (select requesting_org_id())
  and ((auth.jwt() ->> 'org_role') = 'org:admin' or (auth.jwt() -> 'o' ->> 'rol') = 'admin')
);

create policy "Organizations with the feature read their log"
on audit_log for select to authenticated
using (
  org_id = (select requesting_org_id())
  and exists (
    select 1 from jsonb_array_elements_text(auth.jwt() -> 'org_permissions') as p (name)
    where p.name = 'org:logs:read'
  )
);

create policy "Verified users only"
on audit_log as restrictive to authenticated
using (coalesce((auth.jwt() ->> 'email_verified')::boolean, true));

create policy tenant_isolation on public.tenants
  for select to authenticated
  using (id = (select private.tenant_id()));
create policy tenant_admin_update on public.tenants
  for update to authenticated
  using (id = (select private.tenant_id()) and (select private.has_permission('tenant.manage')))
  with check (id = (select private.tenant_id()) and plan = 'free');

create policy tenant_isolation on public.customers
  as restrictive for all to authenticated
  using (tenant_id = (select private.tenant_id()))
  with check (tenant_id = (select private.tenant_id()));
create policy active_tenants_only on public.customers
  as restrictive for all to authenticated
  using ((select private.tenant_is_active()));
create policy customers_read on public.customers
  for select to authenticated
  using (
    not is_confidential
    or assigned_to = (select auth.uid())
    or (select private.has_permission('customers.confidential'))
  );
create policy customers_write on public.customers
  for insert to authenticated
  with check (
    (select private.has_permission('customers.write'))
    and (email is null or lower(split_part(email, '@', 2)) <> 'example.com')
  );
create policy customers_update on public.customers
  for update to authenticated
  using (assigned_to = (select auth.uid()) or (select private.has_permission('customers.write')));

create policy tenant_isolation on public.invoices
  as restrictive to authenticated
  using (tenant_id = ((auth.jwt() -> 'app_metadata' ->> 'tenant_id')::uuid))
  with check (tenant_id = ((auth.jwt() -> 'app_metadata' ->> 'tenant_id')::uuid));
create policy invoices_by_limit on public.invoices
  for select to authenticated
  using (
    amount * (1 + tax_rate) <= coalesce((auth.jwt() -> 'app_metadata' ->> 'approval_limit')::numeric, 0)
    or customer_id in (select c.id from public.customers c where c.assigned_to = (select auth.uid()))
  );
create policy overdue_invoices_for_collectors on public.invoices
  for select to authenticated
  using (
    (select private.has_permission('invoices.collect'))
    and paid_at is null
    and due_on < current_date
  );
create policy unpaid_invoices_change on public.invoices
  for update to authenticated
  using (paid_at is null and round(amount, 0) <= (auth.jwt() -> 'app_metadata' ->> 'approval_limit')::int)
  with check (round(amount, 0) <= (auth.jwt() -> 'app_metadata' ->> 'approval_limit')::int);

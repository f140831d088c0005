-- What holds for the other tables while an expression is tested: their rows are visible to both roles, so that a
-- sub-select finds the same rows on both sides. The runner adds the policy on `documents`.
create policy "all rows" on teams for select to anon, authenticated using (true);
create policy "all rows" on team_members for select to anon, authenticated using (true);
create policy "all rows" on profiles for select to anon, authenticated using (true);
create policy "all rows" on role_permissions for select to anon, authenticated using (true);
create policy "all rows" on document_shares for select to anon, authenticated using (true);
create policy "all rows" on blocks for select to anon, authenticated using (true);
create policy "all rows" on allowed_domains for select to anon, authenticated using (true);
create policy "all rows" on subscriptions for select to anon, authenticated using (true);
create policy "all rows" on mfa_factors for select to anon, authenticated using (true);

create policy "Todos are read by their owner."
on todos for select
using ((select auth.uid()) = user_id);

create policy "Todos are added by their owner."
on todos for insert
with check ((select auth.uid()) = user_id);

create policy "Todos are changed by their owner."
on todos for update
using ((select auth.uid()) = user_id)
with check ((select auth.uid()) = user_id);

create policy "Finished todos are removed by their owner."
on todos for delete
using ((select auth.uid()) = user_id and is_complete);

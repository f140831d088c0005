-- schema.sql
create trigger on_sign_up after insert on auth_users begin
  insert into profiles (id) values (new.id);
end;
-- policies.sql

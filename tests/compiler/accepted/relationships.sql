-- schema.sql
create table people (id integer primary key, boss_id integer references people (id), name text);
create table profiles (person_id integer primary key references people (id), bio text);
create table badges (id integer primary key, person_id integer unique references people (id));
create table clubs (country text not null, number integer not null, primary key (country, number));
create table memberships (
  person_id integer not null references people (id),
  club_country text not null,
  club_number integer not null,
  since date,
  primary key (person_id, club_country, club_number),
  foreign key (club_country, club_number) references clubs (country, number)
);
create table friendships (
  one integer not null references people (id),
  two integer not null references people (id),
  primary key (one, two)
);
create table meetings (id integer primary key, host integer references people (id), guest integer references people (id));
create table logs (user_id uuid references auth_users (id), line text);
create view named_people as select id as person, name from people where name is not null;
create view meetings_with_hosts as
  select meetings.id, meetings.guest, people.name as host_name, upper(people.name) as loud
  from meetings left join people on people.id = meetings.host;
create view accounts as select id, email, created_at from auth_users;
create view both as select id, name from people union select id, null from meetings;
create view tricky as select id from (select people.id from people, meetings) people;
create view of_both as select id from both;
create virtual table search using fts5 (name);
-- policies.sql
grant select on all tables in schema public to authenticated;

-- The demo: a small team tracker. This file is plain SQLite, exactly what D1 executes.
-- Column types may be Postgres' names: they decide how values are checked and shown.

create table projects (
  id          integer primary key,
  name        varchar(80) not null check (length(name) > 0),
  owner_id    uuid not null references auth_users (id) on delete cascade,
  archived    boolean not null default false,
  settings    jsonb not null default '{}',
  created_at  timestamptz not null default (strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))
);

create table members (
  project_id  integer not null references projects (id) on delete cascade,
  user_id     uuid not null references auth_users (id) on delete cascade,
  role        text not null default 'editor' check (role in ('viewer', 'editor', 'owner')),
  primary key (project_id, user_id)
);
create index members_user_id on members (user_id);

-- The owner of a project is its first member.
create trigger projects_first_member after insert on projects
begin
  insert into members (project_id, user_id, role) values (new.id, new.owner_id, 'owner');
end;

create table tasks (
  id           integer primary key,
  project_id   integer not null references projects (id) on delete cascade,
  parent_id    integer references tasks (id) on delete set null,
  title        varchar(200) not null check (length(title) > 0),
  done         boolean not null default false,
  priority     smallint not null default 3 check (priority between 1 and 5),
  estimate     numeric,
  due          date,
  assignee_id  uuid references auth_users (id) on delete set null,
  created_at   timestamptz not null default (strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')),
  unique (project_id, title)
);
create index tasks_parent_id on tasks (parent_id);
create index tasks_assignee_id on tasks (assignee_id);

-- What `?title=wfts.silk -blue` searches: the stems of English words. It keeps no texts of its own, so
-- these triggers carry every change of the table into it.
create virtual table tasks_search using fts5
  (title, content='tasks', content_rowid='id', tokenize='porter unicode61');
create trigger tasks_search_insert after insert on tasks
begin
  insert into tasks_search (rowid, title) values (new.id, new.title);
end;
create trigger tasks_search_delete after delete on tasks
begin
  insert into tasks_search (tasks_search, rowid, title) values ('delete', old.id, old.title);
end;
create trigger tasks_search_update after update of id, title on tasks
begin
  insert into tasks_search (tasks_search, rowid, title) values ('delete', old.id, old.title);
  insert into tasks_search (rowid, title) values (new.id, new.title);
end;

create table comments (
  id          integer primary key,
  task_id     integer not null references tasks (id) on delete cascade,
  author_id   uuid not null references auth_users (id) on delete cascade,
  body        text not null check (length(body) > 0),
  created_at  timestamptz not null default (strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))
);
create index comments_task_id on comments (task_id);

-- The same for comments, with words as they are written.
create virtual table comments_search using fts5
  (body, content='comments', content_rowid='id', tokenize='unicode61');
create trigger comments_search_insert after insert on comments
begin
  insert into comments_search (rowid, body) values (new.id, new.body);
end;
create trigger comments_search_delete after delete on comments
begin
  insert into comments_search (comments_search, rowid, body) values ('delete', old.id, old.body);
end;
create trigger comments_search_update after update of id, body on comments
begin
  insert into comments_search (comments_search, rowid, body) values ('delete', old.id, old.body);
  insert into comments_search (rowid, body) values (new.id, new.body);
end;

create table labels (
  id          integer primary key,
  project_id  integer not null references projects (id) on delete cascade,
  name        varchar(40) not null,
  aliases     text[] not null default '[]',
  unique (project_id, name)
);

create table task_labels (
  task_id   integer not null references tasks (id) on delete cascade,
  label_id  integer not null references labels (id) on delete cascade,
  primary key (task_id, label_id)
);
create index task_labels_label_id on task_labels (label_id);

-- A request that breaks this rule is answered with its message.
create trigger task_labels_of_one_project before insert on task_labels
when (select project_id from tasks where id = new.task_id) <> (select project_id from labels where id = new.label_id)
begin
  select raise(abort, 'the label is of another project');
end;

-- One to one: what only the owner of a project may read.
create table project_notes (
  project_id  integer primary key references projects (id) on delete cascade,
  body        text not null default '',
  characters  integer generated always as (length(body)) virtual
);

-- A view reads its tables as their owner and is closed until a policy on the view opens it.
-- This one lets policies ask for membership without asking the policy of `members` again.
create view memberships as
  select project_id, user_id, role from members;

create view open_tasks as
  select id, project_id, parent_id, title, priority, due from tasks where not done;

-- Demo rows: three people in two projects, so that every read differs by who asks.
-- Everybody's password is `selvedge-demo`. Only a new local database is seeded.
-- Sign in as: ada@example.com / selvedge-demo

insert into auth_users (id, email, password_hash, email_confirmed_at, app_metadata, created_at, updated_at) values
  ('11111111-1111-4111-8111-111111111111', 'ada@example.com',
   '$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$4TeYdlg99Q7ZNA3JC8Twzf3Z1cpXrhcA5cAQp1LPJ3I',
   1767225600000, '{"provider":"email","providers":["email"]}', 1767225600000, 1767225600000),
  ('22222222-2222-4222-8222-222222222222', 'grace@example.com',
   '$argon2id$v=19$m=19456,t=2,p=1$AgICAgICAgICAgICAgICAg$tRhpkaEihYYFENOwyxDpbHayJTX5kVjXdKCY2oNqBO8',
   1767225600000, '{"provider":"email","providers":["email"]}', 1767225600000, 1767225600000),
  ('33333333-3333-4333-8333-333333333333', 'alan@example.com',
   '$argon2id$v=19$m=19456,t=2,p=1$AwMDAwMDAwMDAwMDAwMDAw$Zae032CALXGq3HhU9mWsjLBcof42QSugdyJJ4RZXBFg',
   1767225600000, '{"provider":"email","providers":["email"]}', 1767225600000, 1767225600000);
insert into auth_identities (id, user_id, provider, subject, email, identity_data, created_at, updated_at)
select id, id, 'email', id, email,
  json_object('email', email, 'email_verified', json('true'), 'phone_verified', json('false'), 'sub', id), created_at, updated_at
from auth_users;

-- Ada owns the loom and has Grace to edit and Alan to watch; Grace owns the garden alone.
insert into projects (id, name, owner_id, settings, created_at) values
  (1, 'Loom', '11111111-1111-4111-8111-111111111111', '{"color":"indigo","columns":["todo","doing","done"]}', '2026-01-01T09:00:00.000000+00:00'),
  (2, 'Garden', '22222222-2222-4222-8222-222222222222', '{"color":"green"}', '2026-01-02T09:00:00.000000+00:00');

insert into members (project_id, user_id, role) values
  (1, '22222222-2222-4222-8222-222222222222', 'editor'),
  (1, '33333333-3333-4333-8333-333333333333', 'viewer');

insert into project_notes (project_id, body) values
  (1, 'Ask the mill for the price of silk.'),
  (2, 'The wall keeps the frost out.');

insert into tasks (id, project_id, parent_id, title, done, priority, estimate, due, assignee_id, created_at) values
  (1, 1, null, 'Thread the warp', true, 1, 2.5, '2026-02-01', '11111111-1111-4111-8111-111111111111', '2026-01-03T08:00:00.000000+00:00'),
  (2, 1, null, 'Weave the selvedge', false, 2, 8, '2026-03-01', '22222222-2222-4222-8222-222222222222', '2026-01-03T08:05:00.000000+00:00'),
  (3, 1, 2, 'Choose the weft', false, 3, null, null, null, '2026-01-03T08:10:00.000000+00:00'),
  (4, 2, null, 'Sow the beans', false, 1, 1, '2026-04-15', '22222222-2222-4222-8222-222222222222', '2026-01-04T08:00:00.000000+00:00'),
  (5, 2, null, 'Mend the gate', true, 4, 0.5, null, null, '2026-01-04T08:05:00.000000+00:00');

insert into comments (id, task_id, author_id, body, created_at) values
  (1, 1, '11111111-1111-4111-8111-111111111111', 'Forty threads to the inch.', '2026-01-05T10:00:00.000000+00:00'),
  (2, 2, '22222222-2222-4222-8222-222222222222', 'Shall the edge be blue?', '2026-01-05T10:30:00.000000+00:00'),
  (3, 2, '11111111-1111-4111-8111-111111111111', 'Blue it is.', '2026-01-05T11:00:00.000000+00:00'),
  (4, 4, '22222222-2222-4222-8222-222222222222', 'After the last frost.', '2026-01-06T07:00:00.000000+00:00');

insert into labels (id, project_id, name, aliases) values
  (1, 1, 'urgent', '["asap","now, please"]'),
  (2, 1, 'craft', '[]'),
  (3, 2, 'spring', '["vernal","now, please",null]');

insert into task_labels (task_id, label_id) values
  (1, 2), (2, 1), (2, 2), (4, 3);

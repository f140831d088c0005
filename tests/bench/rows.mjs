// What is read and written: the demo's schema with enough rows to search in, and somebody who is signed in.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { apiKeys } from "../../scripts/setup/api-keys.mjs";
import { migrations, root } from "../../scripts/setup/project.mjs";

export const SECRET = "a secret of the benchmark, 32 bytes and more";
export const SITE_URL = "http://127.0.0.1";

export const USER = "11111111-1111-4111-8111-111111111111";
const SESSION = "99999999-9999-4999-8999-999999999999";

export const PROJECTS = 10;
export const TASKS_A_PROJECT = 2000;
export const COMMENTS_A_TASK = 3;
const COMMENTS = PROJECTS * TASKS_A_PROJECT * COMMENTS_A_TASK;

const numbers = (most) => `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${most})`;

/** Every statement by itself, as D1 takes them. */
export function setup() {
  const read = (path) => readFileSync(path, "utf8");
  return [
    read(join(migrations, "0001_auth.sql")),
    read(join(root, "schema.sql")),
    `insert into auth_users (id, email, created_at, updated_at) values ('${USER}', 'ada@example.com', 0, 0)`,
    `insert into auth_sessions (id, user_id, refreshed_at, created_at) values ('${SESSION}', '${USER}', 0, 0)`,
    `${numbers(PROJECTS)} insert into projects (id, name, owner_id) select i, 'Project ' || i, '${USER}' from n`,
    `${numbers(PROJECTS * TASKS_A_PROJECT)} insert into tasks (id, project_id, title, done, priority, estimate, due)
      select i, 1 + i % ${PROJECTS}, printf('Task %05d of the loom', i), i % 4 = 0, 1 + i % 5, i % 9, '2026-12-24' from n`,
    `${numbers(COMMENTS)} insert into comments (id, task_id, author_id, body)
      select i, 1 + i / ${COMMENTS_A_TASK}, '${USER}', 'Comment ' || i || ': forty threads to the inch.' from n
      where i < ${COMMENTS}`,
    "analyze",
  ];
}

/** Takes away what was inserted. */
export const RESET = `delete from comments where id >= ${COMMENTS}`;
export const INSERTED = `select count(*) from comments where id >= ${COMMENTS}`;

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** An access token such as a sign-in gives. */
export function accessToken(now = Math.floor(Date.now() / 1000)) {
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({
    iss: `${SITE_URL}/auth/v1`,
    sub: USER,
    aud: "authenticated",
    exp: now + 3600,
    iat: now,
    email: "ada@example.com",
    phone: "",
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: { name: "Ada" },
    role: "authenticated",
    aal: "aal1",
    amr: [{ method: "password", timestamp: now }],
    session_id: SESSION,
    is_anonymous: false,
  })}`;
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}

/** What supabase-js sends with every request; all contenders get the same. */
export const HEADERS = {
  apikey: apiKeys(SECRET).anon,
  Authorization: `Bearer ${accessToken()}`,
  Accept: "*/*",
  "Accept-Encoding": "gzip, deflate",
  "Accept-Language": "*",
  "User-Agent": "node",
  "X-Client-Info": "supabase-js-node/2.60.0",
};

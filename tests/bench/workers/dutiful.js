// The hand-written Worker with the duties that Selvedge has on a read: two tokens are verified, the session must live, a
// policy says who sees a row, the answer has security headers and an id, and one line is logged. Whatever can be kept from
// one request to the next is kept, and rows are JSON before they leave the database.

import { claimsOf } from "./tokens.js";

const verified = new Map();

async function knownClaimsOf(token, env) {
  if (verified.has(token)) return verified.get(token);
  const claims = await claimsOf(token, env);
  if (claims !== null && verified.size < 256) verified.set(token, claims);
  return claims;
}

const ALLOWED = `exists (select 1 from auth_sessions where id = ?1 and user_id = ?2)
  and project_id in (select project_id from members where user_id = ?2)`;
const DONE = "json(iif(done, 'true', 'false'))";
const LIST = `select json_object('id', id, 'title', title, 'done', ${DONE}, 'priority', priority, 'due', due,
    'created_at', created_at) as row
  from tasks where ${ALLOWED} and project_id = ?3 and done = 0 order by title limit ?4`;
const ONE = `select json_object('id', id, 'project_id', project_id, 'parent_id', parent_id, 'title', title,
    'done', ${DONE}, 'priority', priority, 'estimate', estimate, 'due', due, 'assignee_id', assignee_id,
    'created_at', created_at) as row
  from tasks where ${ALLOWED} and id = ?3`;
const EMBED = `select json_object('id', id, 'title', title, 'comments', (
    select json_group_array(json_object('id', id, 'author_id', author_id, 'body', body)) from comments
    where task_id = tasks.id)) as row
  from tasks where ${ALLOWED} and project_id = ?3 order by title limit ?4`;

const HEADERS = new Headers({
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Content-Range, X-Request-Id",
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
  "Content-Type": "application/json; charset=utf-8",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Origin-Agent-Cluster": "?1",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Referrer-Policy": "no-referrer",
  Vary: "Accept, Accept-Profile, apikey, Authorization, Prefer, Range",
  "X-Content-Type-Options": "nosniff",
  "X-DNS-Prefetch-Control": "off",
  "X-Frame-Options": "DENY",
  "X-Permitted-Cross-Domain-Policies": "none",
});

const many = (rows) => `[${rows.map(({ row }) => row).join(",")}]`;
const routes = {
  list: { sql: LIST, binds: ["project", "limit"], body: many },
  one: { sql: ONE, binds: ["id"], body: ([found]) => found?.row },
  embed: { sql: EMBED, binds: ["project", "limit"], body: many },
};

export default {
  async fetch(request, env) {
    const [app, user] = await Promise.all(
      ["apikey", "authorization"].map((name) => knownClaimsOf((request.headers.get(name) ?? "").replace("Bearer ", ""), env)),
    );
    if (!app || !user || user.exp * 1000 < Date.now()) return new Response(null, { status: 401 });
    const url = new URL(request.url);
    const route = routes[url.pathname.slice(1)];
    if (!route) return new Response(null, { status: 404 });
    const binds = route.binds.map((name) => Number(url.searchParams.get(name)));
    const { results, meta } = await env.DB.prepare(route.sql).bind(user.session_id, user.sub, ...binds).all();
    const response = new Response(route.body(results), { headers: HEADERS });
    const id = crypto.randomUUID();
    response.headers.set("X-Request-Id", id);
    response.headers.set("Content-Range", `0-${results.length - 1}/*`);
    const { rows_read, rows_written } = meta;
    const seen = { route: url.pathname, status: 200, role: user.role, user_id: user.sub, rows_read, rows_written };
    console.log(JSON.stringify({ time: new Date().toISOString(), request_id: id, method: request.method, ...seen }));
    return response;
  },
};

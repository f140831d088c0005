// What an expert would write for just these addresses, and nothing else: no framework, no policies, no revocation, no
// log. One prepared statement a request, the signature checked by the platform's own HMAC, the key imported once.

import { claimsOf } from "./tokens.js";

/** The user's id, or null. */
async function userOf(request, env) {
  const claims = await claimsOf(request.headers.get("authorization")?.slice("Bearer ".length) ?? "", env);
  return claims !== null && claims.exp * 1000 > Date.now() ? claims.sub : null;
}

const LIST = `select id, title, done, priority, due, created_at from tasks
  where project_id = ?1 and done = 0 order by title limit ?2`;
const ONE = "select * from tasks where id = ?1";
const EMBED = `select id, title, (
    select json_group_array(json_object('id', id, 'author_id', author_id, 'body', body)) from comments
    where task_id = tasks.id) as comments
  from tasks where project_id = ?1 order by title limit ?2`;
const JOIN = `select tasks.id, tasks.title, comments.id as comment_id, author_id, body
  from (select id, title from tasks where project_id = ?1 order by title limit ?2) as tasks
  left join comments on task_id = tasks.id order by tasks.title, comments.id`;
const TASKS = "select id, title from tasks where project_id = ?1 order by title limit ?2";
const COMMENTS = "select id, author_id, body from comments where task_id = ?1";
const INSERT = `insert into comments (task_id, author_id, body) values (?1, ?2, ?3)
  returning id, task_id, author_id, body, created_at`;
const INSERT_MANY = `insert into comments (task_id, author_id, body)
  select value ->> 'task_id', value ->> 'author_id', value ->> 'body' from json_each(?1)`;
const INSERT_PLAIN = "insert into comments (task_id, author_id, body) values (?1, ?2, ?3)";
const UPDATE = "update comments set body = ?1 where id = ?2";

function shown(task) {
  task.done = task.done === 1;
  return task;
}

const routes = {
  async list({ DB }, parameters) {
    const { results } = await DB.prepare(LIST).bind(Number(parameters.get("project")), Number(parameters.get("limit"))).all();
    return Response.json(results.map(shown));
  },
  async one({ DB }, parameters) {
    const { results } = await DB.prepare(ONE).bind(Number(parameters.get("id"))).all();
    return results.length === 0 ? new Response(null, { status: 404 }) : Response.json(shown(results[0]));
  },
  async embed({ DB }, parameters) {
    const { results } = await DB.prepare(EMBED).bind(Number(parameters.get("project")), Number(parameters.get("limit"))).all();
    for (const task of results) task.comments = JSON.parse(task.comments);
    return Response.json(results);
  },
  // The same with the rows put together in JavaScript.
  async join({ DB }, parameters) {
    const { results } = await DB.prepare(JOIN).bind(Number(parameters.get("project")), Number(parameters.get("limit"))).all();
    const tasks = [];
    let task;
    for (const row of results) {
      if (task?.id !== row.id) tasks.push((task = { id: row.id, title: row.title, comments: [] }));
      if (row.comment_id !== null) task.comments.push({ id: row.comment_id, author_id: row.author_id, body: row.body });
    }
    return Response.json(tasks);
  },
  // The same with a query for each row.
  async each({ DB }, parameters) {
    const { results } = await DB.prepare(TASKS).bind(Number(parameters.get("project")), Number(parameters.get("limit"))).all();
    const comments = DB.prepare(COMMENTS);
    await Promise.all(results.map(async (task) => (task.comments = (await comments.bind(task.id).all()).results)));
    return Response.json(results);
  },
  async insert({ DB }, _, request) {
    const { task_id, author_id, body } = await request.json();
    const { results } = await DB.prepare(INSERT).bind(task_id, author_id, body).all();
    return Response.json(results, { status: 201 });
  },
  async insertMany({ DB }, _, request) {
    await DB.prepare(INSERT_MANY).bind(await request.text()).run();
    return new Response(null, { status: 201 });
  },
  // The same with a statement for each row.
  async insertEach({ DB }, _, request) {
    const insert = DB.prepare(INSERT_PLAIN);
    await DB.batch((await request.json()).map(({ task_id, author_id, body }) => insert.bind(task_id, author_id, body)));
    return new Response(null, { status: 201 });
  },
  async update({ DB }, parameters, request) {
    const { body } = await request.json();
    await DB.prepare(UPDATE).bind(body, Number(parameters.get("id"))).run();
    return new Response(null, { status: 204 });
  },
};

export default {
  async fetch(request, env) {
    if ((await userOf(request, env)) === null) return new Response(null, { status: 401 });
    const url = new URL(request.url);
    const route = routes[url.pathname.slice(1)];
    return route ? route(env, url.searchParams, request) : new Response(null, { status: 404 });
  },
};

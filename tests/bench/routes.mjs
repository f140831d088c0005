// What is measured: the same request to Selvedge and to the hand-written Worker, in each of its forms.

import { HEADERS, PROJECTS, TASKS_A_PROJECT, USER } from "./rows.mjs";

const TASK = "id,title,done,priority,due,created_at";

/** Requests differ, so that no answer can come out of a cache. */
const VARIANTS = 50;
const variants = (make) => Array.from({ length: VARIANTS }, (_, index) => make(index));

const list = (limit) => ({
  selvedge: variants((index) => ({
    path: `/rest/v1/tasks?select=${TASK}&project_id=eq.${1 + (index % PROJECTS)}&done=is.false&order=title.asc&limit=${limit}`,
    headers: { "Accept-Profile": "public" },
  })),
  handwritten: variants((index) => ({ path: `/list?project=${1 + (index % PROJECTS)}&limit=${limit}` })),
});

const taskOf = (index) => 1 + ((index * 397) % (PROJECTS * TASKS_A_PROJECT));

const embedded = (path) => variants((index) => ({ path: `/${path}?project=${1 + (index % PROJECTS)}&limit=20` }));

const comment = (index) => ({ task_id: taskOf(index), author_id: USER, body: "Shall the edge be blue, or indigo?" });
const oneComment = (path, headers) =>
  variants((index) => ({ method: "POST", path, headers, body: JSON.stringify(comment(index)) }));

const MANY = 1000;
const manyComments = JSON.stringify(Array.from({ length: MANY }, (_, index) => comment(index)));
const insertMany = (path, headers) => [{ method: "POST", path, headers, body: manyComments }];

const update = (path, headers) =>
  variants((index) => ({
    method: "PATCH",
    path: path(taskOf(index)),
    headers,
    body: JSON.stringify({ body: `Changed for the ${index}th time.` }),
  }));

/**
 * `goal` is of the hand-written Worker's throughput; `against` is the goal against another of its forms. `same` says
 * that all answer the same rows, which is looked at before anything is measured.
 */
export const ROUTES = [
  { name: "list of 20", status: 200, same: true, goal: 0.9, ...list(20) },
  {
    name: "one by key",
    status: 200,
    same: true,
    goal: 0.9,
    selvedge: variants((index) => ({
      path: `/rest/v1/tasks?select=*&id=eq.${taskOf(index)}`,
      headers: { "Accept-Profile": "public", Accept: "application/vnd.pgrst.object+json" },
    })),
    handwritten: variants((index) => ({ path: `/one?id=${taskOf(index)}` })),
  },
  {
    name: "20 with embed",
    status: 200,
    same: true,
    goal: 1,
    selvedge: variants((index) => ({
      path: `/rest/v1/tasks?select=id,title,comments(id,author_id,body)&project_id=eq.${1 + (index % PROJECTS)}&order=title.asc&limit=20`,
      headers: { "Accept-Profile": "public" },
    })),
    handwritten: embedded("embed"),
    others: { "join in JavaScript": embedded("join"), "query a row": embedded("each") },
    against: { "query a row": 5 },
  },
  { name: "list of 100", status: 200, same: true, goal: 1, ...list(100) },
  {
    name: "insert one",
    status: 201,
    goal: 0.9,
    selvedge: oneComment("/rest/v1/comments?select=id,task_id,author_id,body,created_at", {
      "Content-Profile": "public",
      Prefer: "return=representation",
    }),
    handwritten: oneComment("/insert"),
  },
  {
    name: "insert 1,000",
    status: 201,
    selvedge: insertMany("/rest/v1/comments", { "Content-Profile": "public", Prefer: "return=minimal" }),
    handwritten: insertMany("/insertMany"),
    others: { "statement a row": insertMany("/insertEach") },
    against: { "statement a row": 5 },
  },
  {
    name: "update one",
    status: 204,
    goal: 0.9,
    selvedge: update((id) => `/rest/v1/comments?id=eq.${id}`, {
      "Content-Profile": "public",
      Prefer: "return=minimal",
    }),
    handwritten: update((id) => `/update?id=${id}`),
  },
];

/** With the headers that every request has. */
export const complete = (request) => ({ ...request, headers: { ...HEADERS, ...request.headers } });

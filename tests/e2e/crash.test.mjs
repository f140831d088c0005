// The runtime is killed with SIGKILL while many clients write. What was acknowledged is there afterwards, what
// belongs together is there together or not at all, and everybody is still signed in.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { PASSWORD, clientOf, ok } from "./people.mjs";
import { serve } from "./support.mjs";

const ROUNDS = 5;
/** Writers of one row, of many rows, of projects with their first member, of accounts, and of refreshed sessions. */
const WRITERS = { single: 3, bulk: 2, project: 2, account: 2, session: 2 };
const BULK_ROWS = 40;
const WRITING_MILLISECONDS = { least: 300, spread: 500 };

/** How long a used refresh token is answered with its successor, and a little less. */
const REUSE_MILLISECONDS = 9_000;

const ADA = "11111111-1111-4111-8111-111111111111";

let server;
let owner;
before(async () => {
  server = await serve();
  owner = clientOf(server, server.serviceRoleKey);
});
after(() => server?.stop());

async function post(path, body, headers = { apikey: server.serviceRoleKey }) {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  // Only an answer that has arrived whole acknowledges anything.
  const text = await response.text();
  return { status: response.status, body: text && JSON.parse(text) };
}

const signIn = (email) => post("/auth/v1/token?grant_type=password", { email, password: PASSWORD });
const signUp = (email) => post("/auth/v1/signup", { email, password: PASSWORD });
const refresh = (token) => post("/auth/v1/token?grant_type=refresh_token", { refresh_token: token });
const getUser = (token) => fetch(`${server.url}/auth/v1/user`, { headers: { authorization: `Bearer ${token}` } });

/** One write of each kind, by a name that is never used again. */
const write = {
  single: (name) => post("/rest/v1/labels", { project_id: 1, name }),
  bulk: (name) =>
    post(
      "/rest/v1/tasks",
      Array.from({ length: BULK_ROWS }, (_, index) => ({ project_id: 1, title: `${name} ${index}` })),
    ),
  project: (name) => post("/rest/v1/projects", { name, owner_id: ADA }),
  account: (name) => signUp(`${name}@example.com`),
};

/** Writes until the runtime is gone, and notes what was acknowledged and what was under way at the end. */
async function keepWriting(kind, prefix, notes) {
  for (let number = 0; ; number++) {
    const name = `${prefix}-${number}`;
    try {
      const { status, body } = await write[kind](name);
      assert.equal(status, kind === "account" ? 200 : 201, `${name} was refused`);
      notes.acknowledged.push({ kind, name, token: body.access_token });
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      notes.unknown.push({ kind, name });
      return;
    }
  }
}

/** Refreshes a session until the runtime is gone. */
async function keepRefreshing(email, notes) {
  let { body: session } = await signUp(email);
  assert.ok(session.refresh_token);
  for (;;) {
    try {
      const { status, body } = await refresh(session.refresh_token);
      assert.equal(status, 200);
      session = body;
      notes.refreshed.add(email);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      notes.sessions.push(session);
      return;
    }
  }
}

/** Names with their number of rows, as the database has them now. */
async function stored(prefix) {
  const labels = ok(await owner.from("labels").select("name").like("name", `${prefix}%`));
  const tasks = ok(await owner.from("tasks").select("title").like("title", `${prefix}%`));
  const projects = ok(await owner.from("projects").select("name, members(role)").like("name", `${prefix}%`));
  const bulks = new Map();
  for (const { title } of tasks) bulks.set(title.split(" ")[0], (bulks.get(title.split(" ")[0]) ?? 0) + 1);
  return {
    single: new Map(labels.map(({ name }) => [name, 1])),
    bulk: bulks,
    project: new Map(projects.map(({ name, members }) => [name, members.length])),
  };
}

const whole = { single: 1, bulk: BULK_ROWS, project: 1 };

async function check(prefix, { acknowledged, unknown, sessions, killedAt }) {
  for (const { access_token, refresh_token } of sessions) {
    assert.equal((await getUser(access_token)).status, 200, "a session is broken");
    // Where the answer to a refresh was lost, the token before it is good for a while.
    if (Date.now() - killedAt < REUSE_MILLISECONDS)
      assert.equal((await refresh(refresh_token)).status, 200, "a refresh is lost");
  }
  const found = await stored(prefix);
  for (const { kind, name, token } of acknowledged) {
    if (kind === "account")
      assert.equal((await getUser(token)).status, 200, `the account ${name} or its session is lost`);
    else assert.equal(found[kind].get(name), whole[kind], `${name} is lost`);
  }
  for (const kind of Object.keys(whole)) {
    for (const [name, count] of found[kind]) assert.equal(count, whole[kind], `${name} is there in part`);
    const known = [...acknowledged, ...unknown].filter((write) => write.kind === kind).length;
    assert.ok(found[kind].size <= known, `${kind}: more is there than was written`);
  }
  for (const { kind, name } of unknown) {
    if (kind !== "account") continue;
    const entered = [await signIn(`${name}@example.com`), await signUp(`${name}@example.com`)]
      .map(({ status }) => status)
      .join();
    assert.match(entered, /^(200,422|400,200)$/, `the account ${name} is there in part`);
  }
  const { name } = acknowledged.find(({ kind }) => kind === "account") ?? {};
  if (name) assert.equal((await signIn(`${name}@example.com`)).status, 200, `the password of ${name} is lost`);
}

const total = { acknowledged: 0, unknown: 0 };

for (let round = 1; round <= ROUNDS; round++) {
  test(`killed while writing, round ${round}`, async () => {
    const prefix = `round${round}`;
    const notes = { acknowledged: [], unknown: [], sessions: [], refreshed: new Set() };
    const writers = Object.entries(WRITERS).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, index) => {
        const name = `${prefix}-${kind}${index}`;
        return kind === "session" ? keepRefreshing(`${name}@example.com`, notes) : keepWriting(kind, name, notes);
      }),
    );
    const finished = Promise.all(writers);
    const killed = (async () => {
      while (notes.acknowledged.length < 10 || notes.refreshed.size < WRITERS.session) await delay(20);
      await delay(WRITING_MILLISECONDS.least + Math.random() * WRITING_MILLISECONDS.spread);
      notes.killedAt = Date.now();
      await server.kill();
    })();
    await Promise.all([finished, killed]);
    await assert.rejects(fetch(server.url), "the runtime is gone");
    await server.restart();
    await check(prefix, notes);
    total.acknowledged += notes.acknowledged.length;
    total.unknown += notes.unknown.length;
  });
}

test("there was something to lose", (t) => {
  t.diagnostic(`${total.acknowledged} writes were acknowledged, ${total.unknown} were under way`);
  assert.ok(total.acknowledged > ROUNDS * 10 && total.unknown >= ROUNDS);
});

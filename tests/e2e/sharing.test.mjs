// Two people, a member and a viewer, through the unmodified supabase-js on the real runtime: what each may see, do and call.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { clientOf, ok, refusal } from "./people.mjs";
import { serve } from "./support.mjs";
import { tapestry } from "./tapestry.mjs";

let server;
let ann;
let ben;
let project;
let tasks;

before(async () => {
  server = await serve();
  ({ ann, ben, project, tasks } = await tapestry(server));
});
after(() => server?.stop());

/** What somebody without any right in the project gets, whoever it is. */
async function cannotTouch(client, id) {
  assert.deepEqual(ok(await client.from("projects").select("*, tasks(*)").eq("id", project.id)), []);
  for (const table of ["tasks", "members", "labels", "project_notes", "open_tasks"]) {
    const answer = await client.from(table).select("*", { count: "exact" }).eq("project_id", project.id);
    assert.deepEqual([ok(answer), answer.count], [[], 0], table);
  }
  assert.deepEqual(
    ok(
      await client
        .from("comments")
        .select()
        .in(
          "task_id",
          tasks.map((task) => task.id),
        ),
    ),
    [],
  );
  assert.deepEqual(ok(await client.from("tasks").update({ title: "Mine" }).eq("id", tasks[0].id).select()), []);
  assert.deepEqual(ok(await client.from("projects").delete().eq("id", project.id).select()), []);
  assert.deepEqual(ok(await client.from("tasks").delete().eq("project_id", project.id).select()), []);
  const rows = {
    tasks: { project_id: project.id, title: "Mine" },
    members: { project_id: project.id, user_id: id, role: "owner" },
    comments: { task_id: tasks[0].id, author_id: id, body: "Mine" },
    labels: { project_id: project.id, name: "mine" },
    projects: { name: "Hers", owner_id: ann.id },
  };
  for (const [table, row] of Object.entries(rows))
    assert.equal(refusal(await client.from(table).insert(row)), "403 42501", table);
  const upsert = client.from("tasks").upsert({ id: tasks[0].id, project_id: project.id, title: "Mine" });
  assert.equal(refusal(await upsert), "403 42501");
  const ontoHers = client
    .from("tasks")
    .upsert({ project_id: project.id, title: tasks[0].title, done: true }, { onConflict: "project_id,title" });
  assert.equal(refusal(await ontoHers), "403 42501");
}

describe("the others", () => {
  const everything = async () => {
    const owner = clientOf(server, server.serviceRoleKey);
    return ok(
      await owner
        .from("projects")
        .select("*, members(*), tasks(*, comments(*)), labels(*), project_notes(*)")
        .eq("id", project.id),
    );
  };

  test("Ben sees none of it and cannot touch it", async () => {
    const before = await everything();
    await cannotTouch(ben.client, ben.id);
    assert.deepEqual(await everything(), before);
  });

  test("nobody may not even ask", async () => {
    const nobody = clientOf(server);
    for (const table of ["projects", "tasks", "members", "comments"]) {
      const answer = await nobody.from(table).select();
      assert.deepEqual([refusal(answer), answer.error.message], ["401 42501", `permission denied for table ${table}`]);
    }
    assert.equal(refusal(await nobody.from("tasks").insert({ project_id: project.id, title: "x" })), "401 42501");
    assert.equal(refusal(await nobody.from("auth_users").select()), "404 PGRST205");
  });

  test("as a viewer Ben sees it and cannot change it", async () => {
    ok(await ann.client.from("members").insert({ project_id: project.id, user_id: ben.id, role: "viewer" }));
    const seen = ok(
      await ben.client.from("projects").select("name, tasks(title), project_notes(body)").eq("id", project.id).single(),
    );
    assert.deepEqual([seen.name, seen.tasks.length, seen.project_notes], ["Tapestry", 6, null]);
    const before = await everything();
    assert.deepEqual(ok(await ben.client.from("tasks").update({ done: true }).eq("id", tasks[0].id).select()), []);
    assert.deepEqual(ok(await ben.client.from("tasks").delete().eq("id", tasks[0].id).select()), []);
    assert.equal(
      refusal(await ben.client.from("tasks").insert({ project_id: project.id, title: "Mine" })),
      "403 42501",
    );
    assert.equal(
      refusal(await ben.client.from("labels").insert({ project_id: project.id, name: "mine" })),
      "403 42501",
    );
    assert.deepEqual(ok(await ben.client.from("members").update({ role: "owner" }).eq("user_id", ben.id).select()), []);
    assert.deepEqual(await everything(), before);
  });

  test("as an editor Ben may write, in his own name", async () => {
    ok(await ann.client.from("members").upsert({ project_id: project.id, user_id: ben.id, role: "editor" }));
    assert.equal(
      ok(await ben.client.from("tasks").update({ done: true }).eq("id", tasks[2].id).select("done").single()).done,
      true,
    );
    const comment = { task_id: tasks[2].id, body: "Done!" };
    assert.equal(refusal(await ben.client.from("comments").insert({ ...comment, author_id: ann.id })), "403 42501");
    ok(await ben.client.from("comments").insert({ ...comment, author_id: ben.id }));
    assert.deepEqual(ok(await ben.client.from("projects").update({ name: "Mine" }).eq("id", project.id).select()), []);
    assert.deepEqual(ok(await ben.client.from("comments").delete().eq("author_id", ann.id).select()), []);
  });

  test("sent away he sees nothing again", async () => {
    assert.deepEqual(ok(await ann.client.from("members").delete().eq("user_id", ben.id).select("role")), [
      { role: "editor" },
    ]);
    const before = await everything();
    await cannotTouch(ben.client, ben.id);
    assert.deepEqual(await everything(), before);
  });

  test("the service_role key passes every policy and no constraint", async () => {
    const owner = clientOf(server, server.serviceRoleKey);
    const seen = ok(await owner.from("projects").select("name, members(user_id)").order("id"));
    assert.ok(seen.length >= 3, `only ${seen.length} projects`);
    const row = { project_id: project.id, title: tasks[0].title };
    assert.equal(refusal(await owner.from("tasks").insert(row)), "409 23505");
    assert.equal(refusal(await owner.from("auth_users").select()), "404 PGRST205");
    assert.equal(refusal(await owner.from("open_tasks").insert(row)), "405 55000");
  });
});

describe("Functions", () => {
  before(async () => {
    tasks = ok(await ann.client.from("tasks").select().eq("project_id", project.id).order("id"));
  });

  test("a value comes as it is, by POST, GET and HEAD", async () => {
    const done = tasks.filter((task) => task.done).length;
    const progress = Math.round((1000 * done) / tasks.length) / 10;
    assert.equal(ok(await ann.client.rpc("progress", { project: project.id })), progress);
    assert.equal(ok(await ann.client.rpc("progress", { project: project.id }, { get: true })), progress);
    const head = await ann.client.rpc("progress", { project: project.id }, { head: true });
    assert.deepEqual([head.data, head.error, head.status], [null, null, 200]);
  });

  test("a set is filtered, embedded in and counted like a table", async () => {
    const task = tasks.find((task) => !task.done);
    ok(await ann.client.from("tasks").update({ assignee_id: ann.id }).eq("id", task.id));
    const mine = await ann.client
      .rpc("my_open_tasks", {}, { count: "exact" })
      .select("title,projects(name)")
      .eq("project_id", project.id);
    assert.deepEqual(ok(mine), [{ title: task.title, projects: { name: project.name } }]);
    assert.equal(mine.count, 1);
    const single = await ann.client.rpc("my_open_tasks", {}, { get: true }).select("id").eq("id", task.id).single();
    assert.deepEqual(ok(single), { id: task.id });
    assert.deepEqual(ok(await ben.client.rpc("my_open_tasks").eq("id", task.id)), []);
    const count = await ann.client.rpc("my_open_tasks", {}, { head: true, count: "exact" });
    assert.deepEqual([count.data, count.error, count.count], [null, null, 1]);
  });

  test("what a function changes stands under the caller's policies", async () => {
    const task = tasks.find((task) => !task.done);
    assert.equal(ok(await ben.client.rpc("complete_task", { task_id: task.id })), null);
    const completed = await ann.client.rpc("complete_task", { task_id: task.id }).select("id,done");
    assert.deepEqual(ok(completed), { id: task.id, done: true });
    ok(await ann.client.from("tasks").update({ done: false, assignee_id: null }).eq("id", task.id));
  });

  test("a statement that fails takes those before it along", async () => {
    const [task] = tasks;
    const moved = await ann.client.rpc("move_task", { task_id: task.id, target: project.id, reason: "" });
    assert.equal(refusal(moved), "400 23514");
    const answer = await ann.client.rpc("move_task", { task_id: task.id, target: project.id, reason: "Tidier." });
    assert.deepEqual([answer.error, answer.data, answer.status], [null, null, 204]);
    const comments = ok(await ann.client.from("comments").delete().eq("body", "Tidier.").select("task_id"));
    assert.deepEqual(comments, [{ task_id: task.id }]);
  });

  test("who may not, and what is not there, is told so", async () => {
    assert.equal(refusal(await ann.client.rpc("progres", { project: 1 })), "404 PGRST202");
    assert.equal(refusal(await ann.client.rpc("progress")), "404 PGRST202");
    assert.equal(refusal(await ann.client.rpc("progress", { project: "x" })), "400 22P02");
    assert.equal(refusal(await ann.client.rpc("complete_task", { task_id: 1 }, { get: true })), "405 25006");
    assert.equal(refusal(await clientOf(server).rpc("progress", { project: 1 })), "401 42501");
  });
});

// Writing through the unmodified supabase-js, on the real runtime: what each write answers, changes and refuses.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ok, refusal, signUp } from "./people.mjs";
import { serve } from "./support.mjs";
import { titles } from "./tapestry.mjs";

let server;
let ann;
let project;
let tasks;

before(async () => {
  server = await serve();
  ann = await signUp(server, "ann");
});
after(() => server?.stop());

/** The titles of the project's tasks that a filter leaves, in their order. */
const found = async (filter) =>
  titles(await filter(ann.client.from("tasks").select("title").eq("project_id", project.id)).order("id"));

describe("Ann begins a project", () => {
  test("an insert answers the new row with every column as its type", async () => {
    const row = { name: "Tapestry", owner_id: ann.id, settings: { color: "madder", sizes: [1, 2.5] } };
    const answer = await ann.client.from("projects").insert(row).select().single();
    project = ok(answer);
    assert.deepEqual([answer.status, answer.statusText, answer.count], [201, "Created", null]);
    assert.deepEqual(Object.keys(project).sort(), ["archived", "created_at", "id", "name", "owner_id", "settings"]);
    assert.deepEqual([project.name, project.archived, project.settings], [row.name, false, row.settings]);
    assert.ok(Math.abs(Date.parse(project.created_at) - Date.now()) < 60_000, project.created_at);
  });

  test("an insert without select answers nothing and can be counted", async () => {
    const rows = [
      { project_id: project.id, title: "Dye the wool", priority: 1, done: true, due: "2026-02-01", estimate: 1.25 },
      {
        project_id: project.id,
        title: "Draw the cartoon",
        priority: 2,
        done: false,
        due: "2026-03-01",
        estimate: null,
      },
      { project_id: project.id, title: "Weave, slowly", priority: 3, done: false, due: null, estimate: 40 },
      { project_id: project.id, title: 'Hang "it" (100%)', priority: 5, done: false, due: null, estimate: null },
    ];
    const answer = await ann.client.from("tasks").insert(rows, { count: "exact" });
    assert.deepEqual([answer.error, answer.data, answer.status, answer.count], [null, null, 201, 4]);
    tasks = ok(await ann.client.from("tasks").select().eq("project_id", project.id).order("id"));
    assert.deepEqual(
      tasks.map(({ title, priority, done, due, estimate }) => ({
        project_id: project.id,
        title,
        priority,
        done,
        due,
        estimate,
      })),
      rows,
    );
  });

  test("rows of different keys take the defaults of what they leave out", async () => {
    const rows = [
      { project_id: project.id, title: "Sweep up", parent_id: tasks[2].id },
      { project_id: project.id, title: "Sell it", priority: 4 },
    ];
    const answer = await ann.client
      .from("tasks")
      .insert(rows, { defaultToNull: false })
      .select("title, priority, parent_id");
    assert.deepEqual(ok(answer), [
      { title: "Sweep up", priority: 3, parent_id: tasks[2].id },
      { title: "Sell it", priority: 4, parent_id: null },
    ]);
    assert.equal(
      refusal(
        await ann.client.from("tasks").insert([
          { project_id: project.id, title: "Rest" },
          { project_id: project.id, title: "Rest", priority: 4 },
        ]),
      ),
      "400 23502",
    );
  });

  test("comments and labels follow", async () => {
    const comments = [0, 0, 1].map((task, index) => ({
      task_id: tasks[task].id,
      author_id: ann.id,
      body: `Comment ${index} – 🧶`,
    }));
    ok(await ann.client.from("comments").insert(comments));
    const labels = ok(
      await ann.client
        .from("labels")
        .insert([
          { project_id: project.id, name: "craft" },
          { project_id: project.id, name: "late" },
        ])
        .select(),
    );
    ok(await ann.client.from("task_labels").insert(labels.map(({ id }) => ({ task_id: tasks[1].id, label_id: id }))));
    ok(await ann.client.from("project_notes").insert({ project_id: project.id, body: "Ask for silk." }));
  });
});

describe("Ann changes it", () => {
  test("an upsert merges what is there and adds what is not", async () => {
    const rows = [
      { project_id: project.id, title: "Sell it", priority: 2 },
      { project_id: project.id, title: "Celebrate", priority: 1 },
    ];
    const answer = await ann.client
      .from("tasks")
      .upsert(rows, { onConflict: "project_id,title", count: "exact" })
      .select("title, priority");
    const merged = new Map(ok(answer).map(({ title, priority }) => [title, priority]));
    assert.deepEqual(
      [merged, answer.status, answer.count],
      [
        new Map([
          ["Sell it", 2],
          ["Celebrate", 1],
        ]),
        201,
        2,
      ],
    );
    const ignored = await ann.client
      .from("tasks")
      .upsert([{ ...rows[0], priority: 5 }], { onConflict: "project_id,title", ignoreDuplicates: true })
      .select("title");
    assert.deepEqual(ok(ignored), []);
    assert.deepEqual(await found((query) => query.eq("priority", 2)), ["Draw the cartoon", "Sell it"]);
  });

  test("an upsert without a conflict target goes by the primary key", async () => {
    const { id, title } = tasks[0];
    const answer = await ann.client
      .from("tasks")
      .upsert({ id, project_id: project.id, title, priority: 4 })
      .select("id, priority");
    assert.deepEqual(ok(answer), [{ id, priority: 4 }]);
  });

  test("an update and a delete answer what they concerned", async () => {
    const updated = await ann.client
      .from("tasks")
      .update({ done: true }, { count: "exact" })
      .eq("id", tasks[1].id)
      .select("done, comments(body)")
      .single();
    assert.deepEqual(
      [ok(updated), updated.status, updated.count],
      [{ done: true, comments: [{ body: "Comment 2 – 🧶" }] }, 200, 1],
    );
    const silent = await ann.client
      .from("tasks")
      .update({ estimate: 3 }, { count: "exact" })
      .eq("project_id", project.id)
      .is("estimate", null);
    assert.deepEqual([silent.error, silent.data, silent.status, silent.statusText], [null, null, 204, "No Content"]);
    const deleted = await ann.client
      .from("tasks")
      .delete()
      .eq("project_id", project.id)
      .eq("title", "Celebrate")
      .select("title");
    assert.deepEqual([titles(deleted), deleted.status], [["Celebrate"], 200]);
    assert.deepEqual(await found((query) => query.eq("title", "Celebrate")), []);
  });

  test("a single row of several is refused, and none of them changes", async () => {
    const answer = await ann.client
      .from("tasks")
      .update({ priority: 5 })
      .eq("project_id", project.id)
      .select()
      .single();
    assert.equal(refusal(answer), "406 PGRST116");
    assert.deepEqual(await found((query) => query.eq("priority", 5)), ['Hang "it" (100%)']);
  });

  test("refusals are told as a client can use them", async () => {
    const refused = async (row) => {
      const { error, status, statusText } = await ann.client.from("tasks").insert(row);
      return [status, statusText, error.code, error.message, error.details];
    };
    const { title } = tasks[0];
    assert.deepEqual(await refused({ project_id: project.id, title }), [
      409,
      "Conflict",
      "23505",
      'duplicate key value violates unique constraint "tasks_project_id_title_key"',
      `Key (project_id, title)=(${project.id}, ${title}) already exists.`,
    ]);
    assert.deepEqual(
      (await refused({ project_id: project.id, title: "x", assignee_id: crypto.randomUUID() })).slice(0, 4),
      [
        409,
        "Conflict",
        "23503",
        'insert or update on table "tasks" violates foreign key constraint "tasks_assignee_id_fkey"',
      ],
    );
    assert.deepEqual((await refused({ project_id: project.id, title: null })).slice(0, 3), [
      400,
      "Bad Request",
      "23502",
    ]);
    assert.deepEqual((await refused({ project_id: project.id, title: "x", priority: 6 })).slice(0, 3), [
      400,
      "Bad Request",
      "23514",
    ]);
    assert.deepEqual((await refused({ project_id: project.id, title: "x", due: "soon" })).slice(0, 3), [
      400,
      "Bad Request",
      "22007",
    ]);
    assert.deepEqual((await refused({ project_id: project.id, title: "x", color: 1 })).slice(0, 3), [
      400,
      "Bad Request",
      "PGRST204",
    ]);
    const missing = await ann.client.from("taskz").select();
    assert.deepEqual(
      [missing.status, missing.error.code, missing.error.hint],
      [404, "PGRST205", "Perhaps you meant the table 'public.tasks'"],
    );
    assert.equal(refusal(await ann.client.from("tasks").select("titel")), "400 42703");
    assert.equal(refusal(await ann.client.from("tasks").select("colors(name)")), "400 PGRST200");
  });
});

describe("Ann is careful", () => {
  const one = () => ann.client.from("tasks").update({ priority: 2 }, { count: "exact" }).eq("project_id", project.id);

  test("more rows than she meant are none", async () => {
    const before = await found((query) => query.eq("priority", 2));
    assert.equal(refusal(await one().maxAffected(2)), "400 PGRST124");
    assert.equal(refusal(await one().maxAffected(2).select()), "400 PGRST124");
    const all = ann.client.from("tasks").delete().eq("project_id", project.id);
    assert.equal(refusal(await all.maxAffected(1)), "400 PGRST124");
    assert.deepEqual(await found((query) => query.eq("priority", 2)), before);
    const answer = await one().eq("title", "Sweep up").maxAffected(1);
    assert.deepEqual([answer.error, answer.status, answer.count], [null, 204, 1]);
  });

  test("a dry run is none here, and does not say that it was", async () => {
    const answer = await one().eq("title", "Sweep up").select("priority").rollback();
    assert.deepEqual(ok(answer), [{ priority: 2 }]);
  });

  test("large numbers keep their digits, both ways", async () => {
    const id = 9007199254740993n;
    const row = { id, project_id: project.id, title: "Count the threads" };
    const answer = ann.client.from("tasks").insert({ ...row, id: String(id) });
    assert.deepEqual(ok(await answer.select("id::text").single()), { id: String(id) });
    const read = ann.client.from("tasks").select("text:id::text").eq("id", id).single();
    assert.deepEqual(ok(await read), { text: "9007199254740993" });
    const neighbor = ann.client.from("tasks").select("id").eq("id", id - 1n);
    assert.deepEqual(ok(await neighbor), []);
    const label = { project_id: BigInt(project.id), name: "large" };
    assert.deepEqual(ok(await ann.client.from("labels").insert(label).select("name")), [{ name: "large" }]);
    assert.deepEqual(titles(await ann.client.from("tasks").delete().in("id", [id]).select("title")), [row.title]);
  });

  test("an insert of nothing is nothing, and one of a name that is not there is refused", async () => {
    const nothing = await ann.client.from("tasks").insert([]).select();
    assert.deepEqual([ok(nothing), nothing.status], [[], 201]);
    const upsert = ann.client.from("tasks").upsert({ project_id: project.id, title: "x" }, { onConflict: "title" });
    assert.equal(refusal(await upsert), "400 42P10");
    const none = ann.client.from("tasks").delete({ count: "exact" }).eq("project_id", project.id);
    const counted = await none.eq("title", "none");
    assert.deepEqual([counted.error, counted.data, counted.status, counted.count], [null, null, 204, 0]);
  });

  test("an upsert takes defaults for what rows leave out", async () => {
    const rows = [
      { project_id: project.id, title: "Iron it", priority: 5 },
      { project_id: project.id, title: "Fold it" },
    ];
    const options = { onConflict: "project_id,title", defaultToNull: false, count: "exact" };
    const answer = await ann.client.from("tasks").upsert(rows, options).select("title, priority");
    assert.deepEqual([ok(answer).map(({ priority }) => priority).sort(), answer.count], [[3, 5], 2]);
  });
});

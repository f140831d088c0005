// Rows through the unmodified supabase-js, on the real runtime: what two people, a member and a viewer see and can do.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { clientOf, ok, refusal, signUp } from "./people.mjs";
import { serve } from "./support.mjs";

let server;
let ann;
let ben;
let project;
let tasks;

before(async () => {
  server = await serve();
  [ann, ben] = await Promise.all([signUp(server, "ann"), signUp(server, "ben")]);
});
after(() => server?.stop());

const titles = ({ data, error }) => ok({ data, error }).map(({ title }) => title);

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

describe("Ann reads it back", () => {
  test("with embeds of every cardinality, nested, filtered, ordered and limited", async () => {
    const answer = await ann.client
      .from("projects")
      .select(
        "name, color:settings->>color, project_notes(body), members(role), tasks(title, comments(body), labels(name), parent:parent_id(title))",
      )
      .eq("id", project.id)
      .lte("tasks.priority", 3)
      .order("id", { referencedTable: "tasks" })
      .limit(4, { referencedTable: "tasks" })
      .order("id", { referencedTable: "tasks.comments", ascending: false })
      .order("name", { referencedTable: "tasks.labels" })
      .single();
    assert.deepEqual(ok(answer), {
      name: "Tapestry",
      color: "madder",
      project_notes: { body: "Ask for silk." },
      members: [{ role: "owner" }],
      tasks: [
        {
          title: "Dye the wool",
          comments: [{ body: "Comment 1 – 🧶" }, { body: "Comment 0 – 🧶" }],
          labels: [],
          parent: null,
        },
        {
          title: "Draw the cartoon",
          comments: [{ body: "Comment 2 – 🧶" }],
          labels: [{ name: "craft" }, { name: "late" }],
          parent: null,
        },
        { title: "Weave, slowly", comments: [], labels: [], parent: null },
        { title: "Sweep up", comments: [], labels: [], parent: { title: "Weave, slowly" } },
      ],
    });
  });

  test("an inner embed drops the rows that have none", async () => {
    const answer = await ann.client
      .from("tasks")
      .select("title, labels!inner(name)")
      .eq("project_id", project.id)
      .eq("labels.name", "late");
    assert.deepEqual(ok(answer), [{ title: "Draw the cartoon", labels: [{ name: "late" }] }]);
  });

  test("by its text", async () => {
    const search = async (query, options) => {
      const answer = await ann.client
        .from("tasks")
        .select("title")
        .eq("project_id", project.id)
        .textSearch("title", query, options)
        .order("id");
      return ok(answer).map(({ title }) => title);
    };
    assert.deepEqual(await search("dyeing | 'the cartoon'"), ["Dye the wool", "Draw the cartoon"]);
    assert.deepEqual(await search("!the", { config: "english" }), [
      "Weave, slowly",
      'Hang "it" (100%)',
      "Sweep up",
      "Sell it",
    ]);
    assert.deepEqual(await search("wool, dye!", { type: "plain" }), ["Dye the wool"]);
    assert.deepEqual(await search("the wool", { type: "phrase", config: "english" }), ["Dye the wool"]);
    assert.deepEqual(await search('"hang it" or sell -buy', { type: "websearch" }), ['Hang "it" (100%)', "Sell it"]);
    assert.deepEqual(await search("to:* & (", { type: "websearch" }), []);
    const broken = await ann.client.from("tasks").select().textSearch("title", "the wool");
    assert.deepEqual([broken.status, broken.error.code], [400, "42601"]);
    const other = await ann.client.from("tasks").select().textSearch("title", "le", { config: "french" });
    assert.deepEqual([other.status, other.error.code], [400, "PGRST127"]);
  });

  test("counted, spread, cast, and in the order of related rows", async () => {
    const rows = await ann.client
      .from("tasks")
      .select("title, id::text, ...projects(project:name), comments(count), parent:parent_id()")
      .eq("project_id", project.id)
      .not("comments", "is", null)
      .order("projects(name)")
      .order("id");
    const [dye, draw] = tasks;
    assert.deepEqual(ok(rows), [
      { title: dye.title, id: String(dye.id), project: "Tapestry", comments: [{ count: 2 }] },
      { title: draw.title, id: String(draw.id), project: "Tapestry", comments: [{ count: 1 }] },
    ]);
    const parents = ann.client.from("tasks").select("title, parent:parent_id()").eq("project_id", project.id);
    assert.deepEqual(titles(await parents.not("parent", "is", null)), ["Sweep up"]);
    const groups = await ann.client
      .from("projects")
      .select("name, ...tasks(titles:title), late:tasks(done, count())")
      .eq("id", project.id)
      .in("tasks.title", [dye.title, draw.title])
      .order("id", { referencedTable: "tasks", ascending: false })
      .order("done", { referencedTable: "late" })
      .single();
    assert.deepEqual(ok(groups).titles, [draw.title, dye.title]);
    assert.equal(
      ok(groups).late.reduce((sum, { count }) => sum + count, 0),
      ok(await ann.client.from("tasks").select("count").eq("project_id", project.id).single()).count,
    );
    const refused = await ann.client.from("tasks").select("title::int").eq("id", dye.id);
    assert.equal(refusal(refused), "400 22P02");
  });

  test("with every filter", async () => {
    const [dye, draw, weave, hang, sweep, sell] = [
      "Dye the wool",
      "Draw the cartoon",
      "Weave, slowly",
      'Hang "it" (100%)',
      "Sweep up",
      "Sell it",
    ];
    const cases = [
      [(query) => query.eq("title", weave), [weave]],
      [(query) => query.eq("title", hang), [hang]],
      [(query) => query.neq("priority", 3), [dye, draw, hang, sell]],
      [(query) => query.gt("priority", 3), [hang, sell]],
      [(query) => query.gte("estimate", 1.25).lt("priority", 3), [dye]],
      [(query) => query.in("title", [dye, weave]), [dye, weave]],
      [(query) => query.in("priority", []), []],
      [(query) => query.like("title", "%wool"), [dye]],
      [(query) => query.like("title", "%WOOL"), []],
      [(query) => query.ilike("title", "%WOOL"), [dye]],
      [(query) => query.like("title", "%(100\\%)"), [hang]],
      [(query) => query.is("due", null).is("done", false), [weave, hang, sweep, sell]],
      [(query) => query.or("priority.eq.5,and(done.is.true,priority.eq.1)"), [dye, hang]],
      [(query) => query.not("title", "ilike", "s%").not("due", "is", null), [dye, draw]],
      [(query) => query.match({ done: false, priority: 3 }), [weave, sweep]],
      [(query) => query.filter("due", "gte", "2026-02-02"), [draw]],
    ];
    for (const [filter, expected] of cases) assert.deepEqual(await found(filter), expected, filter.toString());
  });

  test("in order and in pages, counted exactly", async () => {
    const page = (from, to) =>
      ann.client
        .from("tasks")
        .select("title", { count: "exact" })
        .eq("project_id", project.id)
        .order("priority", { ascending: false })
        .order("title")
        .range(from, to);
    const first = await page(0, 3);
    assert.deepEqual(
      [titles(first), first.count, first.status, first.statusText],
      [['Hang "it" (100%)', "Sell it", "Sweep up", "Weave, slowly"], 6, 206, "Partial Content"],
    );
    const last = await page(4, 7);
    assert.deepEqual([titles(last), last.count], [["Draw the cartoon", "Dye the wool"], 6]);
    assert.equal(refusal(await page(7, 8)), "416 PGRST103");
    const nulls = ann.client.from("tasks").select("title").eq("project_id", project.id);
    assert.deepEqual(titles(await nulls.order("due", { nullsFirst: false }).order("id").limit(3)), [
      "Dye the wool",
      "Draw the cartoon",
      "Weave, slowly",
    ]);
  });

  test("the count alone", async () => {
    const answer = await ann.client
      .from("tasks")
      .select("*", { count: "exact", head: true })
      .eq("project_id", project.id)
      .eq("done", false);
    assert.deepEqual([answer.data, answer.error, answer.count, answer.status], [null, null, 5, 200]);
  });

  test("counted, planned and estimated, which of few rows are the same", async () => {
    for (const count of ["exact", "planned", "estimated"]) {
      const rows = () => ann.client.from("tasks").select("id", { count }).eq("project_id", project.id);
      const page = await rows().limit(2);
      assert.deepEqual([page.data.length, page.count, page.status], [2, 6, 206], count);
      const whole = await rows();
      assert.deepEqual([whole.data.length, whole.count, whole.status], [6, 6, 200], count);
      const beyond = await rows().range(6, 9);
      assert.deepEqual([beyond.data, beyond.count, beyond.status], [[], 6, 206], count);
    }
    const uncounted = await ann.client.from("tasks").select("id").eq("project_id", project.id).range(0, 1);
    assert.deepEqual([uncounted.data.length, uncounted.count, uncounted.status], [2, null, 200]);
  });

  test("as CSV", async () => {
    const rows = ann.client.from("tasks").select("title, done, estimate").eq("project_id", project.id).order("priority");
    const csv = ok(await rows.limit(2).order("title").csv());
    assert.equal(csv, "title,done,estimate\nDye the wool,t,1.25\nDraw the cartoon,f,");
    const quoted = ann.client.from("tasks").select("title").like("title", "Hang%").csv();
    assert.equal(ok(await quoted), 'title\n"Hang ""it"" (100%)"');
  });

  test("without nulls", async () => {
    const rows = ann.client.from("tasks").select("title, due, parent:parent_id(title)").like("title", "Hang%");
    assert.deepEqual(ok(await rows.stripNulls()), [{ title: 'Hang "it" (100%)' }]);
    const one = ann.client.from("tasks").select("title, estimate").like("title", "Dye%").single();
    assert.deepEqual(ok(await one.stripNulls()), { title: "Dye the wool", estimate: 1.25 });
  });

  test("explained, as it is in development", async () => {
    const rows = () => ann.client.from("tasks").select("title").eq("title", "a secret");
    const text = ok(await rows().explain());
    assert.match(text, /^select json_object\('title', t0\."title"\) as row\nfrom "tasks" as t0\n/);
    assert.match(text, /;\n(-- .+\n)+$/);
    assert.doesNotMatch(text, /a secret/);
    const [{ statement, plan }] = ok(await rows().explain({ analyze: true, verbose: true, format: "json" }));
    assert.ok(text.startsWith(`${statement};\n`), statement);
    assert.ok(plan.length > 0 && plan.every(({ id, parent, detail }) => id > 0 && parent >= 0 && detail), plan);
    const written = await ann.client.from("tasks").delete().eq("project_id", project.id).explain();
    assert.match(ok(written), /^delete from "tasks"/);
    assert.equal((await found((all) => all)).length, 6);
  });

  test("one row, one or none, and what is neither", async () => {
    const task = (title) => ann.client.from("tasks").select("title").eq("project_id", project.id).like("title", title);
    assert.deepEqual(ok(await task("Dye%").single()), { title: "Dye the wool" });
    assert.deepEqual(ok(await task("Dye%").maybeSingle()), { title: "Dye the wool" });
    assert.equal(ok(await task("Nothing").maybeSingle()), null);
    const none = await task("Nothing").single();
    assert.equal(refusal(none), "406 PGRST116");
    assert.deepEqual(
      [none.error.message, none.error.details],
      ["Cannot coerce the result to a single JSON object", "The result contains 0 rows"],
    );
    assert.equal(refusal(await task("%").maybeSingle()), "406 PGRST116");
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

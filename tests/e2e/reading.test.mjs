// Reading through the unmodified supabase-js, on the real runtime: embeds, orders, pages, counts and forms.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ok, refusal } from "./people.mjs";
import { serve } from "./support.mjs";
import { tapestry, titles } from "./tapestry.mjs";

let server;
let ann;
let project;
let tasks;

before(async () => {
  server = await serve();
  ({ ann, project, tasks } = await tapestry(server));
});
after(() => server?.stop());

/** The titles of the project's tasks that a filter leaves, in their order. */
const found = async (filter) =>
  titles(await filter(ann.client.from("tasks").select("title").eq("project_id", project.id)).order("id"));

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

test("in the order of related rows, and a range of them", async () => {
  const answer = await ann.client
    .from("projects")
    .select("name, tasks(title)")
    .eq("id", project.id)
    .order("priority", { referencedTable: "tasks", ascending: false })
    .order("title", { referencedTable: "tasks" })
    .range(1, 2, { referencedTable: "tasks" })
    .single();
  assert.deepEqual(titles({ data: ok(answer).tasks, error: null }), ["Sell it", "Sweep up"]);
});

test("by an either-or about related rows", async () => {
  const answer = await ann.client
    .from("projects")
    .select("tasks(title)")
    .eq("id", project.id)
    .or("priority.eq.5,title.eq.Sell it", { referencedTable: "tasks" })
    .order("id", { referencedTable: "tasks" })
    .single();
  assert.deepEqual(titles({ data: ok(answer).tasks, error: null }), ['Hang "it" (100%)', "Sell it"]);
});

test("from the one schema, and from no other", async () => {
  const rows = (schema) => ann.client.schema(schema).from("tasks").select("title").eq("id", tasks[0].id);
  assert.deepEqual(titles(await rows("public")), ["Dye the wool"]);
  assert.equal(refusal(await rows("auth")), "406 PGRST106");
  assert.equal(refusal(await ann.client.schema("auth").rpc("progress", { project: project.id })), "406 PGRST106");
});

test("with a header of one's own", async () => {
  const rows = ann.client.from("tasks").select("title").eq("project_id", project.id).order("id");
  assert.deepEqual(titles(await rows.setHeader("Range", "1-2")), ["Draw the cartoon", "Weave, slowly"]);
});

test("not as a map", async () => {
  const answer = await ann.client.from("tasks").select("title").eq("id", tasks[0].id).geojson();
  assert.equal(refusal(answer), "406 PGRST107");
});

test("until it is called off", async () => {
  const rows = () => ann.client.from("tasks").select("title").eq("id", tasks[0].id);
  const controller = new AbortController();
  assert.deepEqual(titles(await rows().abortSignal(controller.signal)), ["Dye the wool"]);
  controller.abort();
  assert.match((await rows().abortSignal(controller.signal)).error.message, /abort/i);
});

test("a refusal is thrown to whoever wants that", async () => {
  const thrown = ann.client.from("tasks").select("titel").throwOnError();
  await assert.rejects(async () => await thrown, { code: "42703" });
  const fine = await ann.client.from("tasks").select("title").eq("id", tasks[0].id).throwOnError();
  assert.deepEqual(fine.data, [{ title: "Dye the wool" }]);
});

test("as the type that one says it has, without a second try", async () => {
  const rows = () => ann.client.from("tasks").select("title").eq("id", tasks[0].id).retry(false);
  assert.deepEqual(titles(await rows().returns()), ["Dye the wool"]);
  assert.deepEqual(titles(await rows().overrideTypes()), ["Dye the wool"]);
});

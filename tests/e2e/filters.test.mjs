// Every filter of the unmodified supabase-js, on the real runtime.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";

import { clientOf, ok, refusal } from "./people.mjs";
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
    [(query) => query.lte("priority", 2), [dye, draw]],
    [(query) => query.isDistinct("estimate", 40), [dye, draw, hang, sweep, sell]],
    [(query) => query.notIn("title", [dye, weave, "no, (such) task"]), [draw, hang, sweep, sell]],
    [(query) => query.in("title", [weave, "x"]), [weave]],
    [(query) => query.likeAllOf("title", ["D%", "%the%", "%oon"]), [draw]],
    [(query) => query.likeAnyOf("title", ["S%", "%wool", "s%"]), [dye, sweep, sell]],
    [(query) => query.ilikeAllOf("title", ["d%", "%THE%", "%WOOL"]), [dye]],
    [(query) => query.ilikeAnyOf("title", ["WEAVE%", "%IT"]), [weave, sell]],
    [(query) => query.regexMatch("title", "^S"), [sweep, sell]],
    [(query) => query.regexMatch("title", "^s"), []],
    [(query) => query.regexIMatch("title", "^S.*UP$"), [sweep]],
    [(query) => query.not("title", "in", '("Sell it","Weave, slowly")'), [dye, draw, hang, sweep]],
    [(query) => query.filter("title", "not.like", "*e*"), ['Hang "it" (100%)']],
    [(query) => query.or(`title.eq."Weave, slowly",title.in.("Sell it")`), [weave, sell]],
  ];
  for (const [filter, expected] of cases) assert.deepEqual(await found(filter), expected, filter.toString());
});

test("filters of arrays", async () => {
  const labels = async (filter) => {
    const rows = ann.client.from("labels").select("name").eq("project_id", project.id);
    return ok(await filter(rows).order("id")).map(({ name }) => name);
  };
  assert.deepEqual(await labels((rows) => rows.contains("aliases", ["hand work"])), ["craft"]);
  assert.deepEqual(await labels((rows) => rows.contains("aliases", [])), ["craft", "late"]);
  assert.deepEqual(await labels((rows) => rows.containedBy("aliases", ["overdue", "tardy"])), ["late"]);
  assert.deepEqual(await labels((rows) => rows.overlaps("aliases", ["art", "overdue"])), ["craft", "late"]);
  assert.deepEqual(await labels((rows) => rows.overlaps("aliases", ["work"])), []);
});

test("filters of JSON", async () => {
  const projects = async (filter) => ok(await filter(ann.client.from("projects").select("id").eq("id", project.id)));
  const one = [{ id: project.id }];
  assert.deepEqual(await projects((rows) => rows.contains("settings", { color: "madder" })), one);
  assert.deepEqual(await projects((rows) => rows.contains("settings", { color: "woad" })), []);
  assert.deepEqual(await projects((rows) => rows.contains("settings", { sizes: [2.5] })), one);
  const wider = { color: "madder", sizes: [1, 2.5, 4] };
  assert.deepEqual(await projects((rows) => rows.containedBy("settings", wider)), one);
  assert.deepEqual(await projects((rows) => rows.containedBy("settings", { color: "madder" })), []);
  assert.deepEqual(await projects((rows) => rows.eq("settings->>color", "madder")), one);
  assert.deepEqual(await projects((rows) => rows.gt("settings->sizes->-1", 2)), one);
});

test("filters of ranges are refused, and say what to do instead", async () => {
  const tasks = () => ann.client.from("tasks").select("id");
  for (const query of [
    tasks().rangeGt("due", "[2026-01-01,2026-02-01)"),
    tasks().rangeGte("due", "[2026-01-01,2026-02-01)"),
    tasks().rangeLt("due", "[2026-01-01,2026-02-01)"),
    tasks().rangeLte("due", "[2026-01-01,2026-02-01)"),
    tasks().rangeAdjacent("due", "[2026-01-01,2026-02-01)"),
    tasks().overlaps("due", "[2026-01-01,2026-02-01)"),
  ]) {
    const answer = await query;
    assert.ok(["400 PGRST127", "404 42883"].includes(refusal(answer)), refusal(answer));
    assert.ok(answer.error.details || answer.error.hint, answer.error.message);
  }
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

/** Of the client's classes: what is no part of a request. */
const INTERNAL = ["constructor", "cloneRequestState", "processResponse", "then"];

test("no method of the client is without its test", () => {
  const client = clientOf(server);
  const methods = new Set();
  const table = client.from("tasks");
  const builders = [table, table.select(), client.rpc("progress"), client.schema("public")];
  for (const builder of builders)
    for (let type = Object.getPrototypeOf(builder); type !== Object.prototype; type = Object.getPrototypeOf(type))
      for (const name of Object.getOwnPropertyNames(type)) methods.add(name);
  assert.ok(methods.size > 50, [...methods].join(" "));
  const folder = new URL(".", import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith(".test.mjs"));
  const texts = files.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const missing = [...methods].filter((name) => !INTERNAL.includes(name) && !texts.includes(`.${name}(`));
  assert.deepEqual(missing, []);
});

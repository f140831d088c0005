// A project with everything that rows can have, for tests that read it through supabase-js.

import { ok, signUp } from "./people.mjs";

/** Ann's project and its tasks; Ben is no member of it. */
export async function tapestry(server) {
  const [ann, ben] = await Promise.all([signUp(server, "ann"), signUp(server, "ben")]);
  const row = { name: "Tapestry", owner_id: ann.id, settings: { color: "madder", sizes: [1, 2.5] } };
  const project = ok(await ann.client.from("projects").insert(row).select().single());
  const task = (title, priority, rest = {}) => ({ project_id: project.id, title, priority, ...rest });
  const insert = (rows) => ann.client.from("tasks").insert(rows, { defaultToNull: false }).select().order("id");
  const first = ok(
    await insert([
      task("Dye the wool", 1, { done: true, due: "2026-02-01", estimate: 1.25 }),
      task("Draw the cartoon", 2, { due: "2026-03-01" }),
      task("Weave, slowly", 3, { estimate: 40 }),
      task('Hang "it" (100%)', 5),
    ]),
  );
  const weave = first.find(({ title }) => title === "Weave, slowly");
  ok(await insert([task("Sweep up", 3, { parent_id: weave.id }), task("Sell it", 4)]));
  const tasks = ok(await ann.client.from("tasks").select().eq("project_id", project.id).order("id"));
  const comments = [0, 0, 1].map((index, number) => ({
    task_id: tasks[index].id,
    author_id: ann.id,
    body: `Comment ${number} – 🧶`,
  }));
  ok(await ann.client.from("comments").insert(comments));
  const labels = ok(
    await ann.client
      .from("labels")
      .insert([
        { project_id: project.id, name: "craft", aliases: ["art", "hand work"] },
        { project_id: project.id, name: "late", aliases: ["overdue"] },
      ])
      .select(),
  );
  ok(await ann.client.from("task_labels").insert(labels.map(({ id }) => ({ task_id: tasks[1].id, label_id: id }))));
  ok(await ann.client.from("project_notes").insert({ project_id: project.id, body: "Ask for silk." }));
  return { ann, ben, project, tasks };
}

/** The titles of an answer's rows. */
export const titles = (answer) => ok(answer).map(({ title }) => title);

// The Workers that are compared, each with a database of its own that holds the same rows.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { projectOf } from "../../scripts/setup/project.mjs";
import { serve } from "./workerd.mjs";
import { SECRET, SITE_URL, setup } from "./rows.mjs";

const workers = join(dirname(fileURLToPath(import.meta.url)), "workers");
const own = (name) => ({ name, path: join(workers, name) });
const built = (name) => ({ name, path: join(projectOf({}).built, name) });
const worker = () => [built("index.js"), built("index_bg.wasm")];

/** The modules of each, the main one first. */
const MODULES = {
  selvedge: worker,
  /** Without its line in the log. */
  silent: () => [own("silent.js"), ...worker()],
  /** Can be broken. */
  broken: () => [own("broken.js"), ...worker()],
  /** Tells how much memory its Wasm has. */
  memory: () => [own("memory.js"), own("instances.js"), ...worker()],
  handwritten: () => [own("handwritten.js"), own("tokens.js")],
  /** By hand with the same duties; reads only. */
  dutiful: () => [own("dutiful.js"), own("tokens.js")],
};

/** Starts a Worker with its rows; see `serve`. What it has written goes with it when it is stopped. */
export async function contender(name, { variables = {}, ...options } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "selvedge-bench-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", remove);
  const served = await serve({
    ...options,
    folder,
    modules: MODULES[name](),
    variables: { JWT_SECRET: SECRET, SITE_URL, MAILER_AUTOCONFIRM: "true", ...variables },
  });
  for (const sql of setup()) await served.execute(sql);
  return Object.assign(served, {
    name,
    async end() {
      await served.stop();
      process.removeListener("exit", remove);
      remove();
    },
  });
}

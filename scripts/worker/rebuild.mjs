// While the Worker runs: a saved file is built, the database follows, and wrangler takes up the new Worker.

import { updateLocalDatabase } from "../database/local.mjs";
import { findTools } from "../setup/prepare.mjs";
import { Failure, showFailure } from "../terminal/failure.mjs";
import { step } from "../terminal/steps.mjs";
import { FULL, QUICK, build, isBuilt } from "./build.mjs";
import { watchInputs } from "./watch.mjs";

/** Whatever fails, the Worker that was serving goes on. */
export function rebuildOnChange(project) {
  watchInputs(project, async () => {
    try {
      await rebuild(project);
    } catch (error) {
      if (error instanceof Failure) showFailure(error);
      else console.error(error);
      console.error("\nThe Worker built before goes on serving.");
    }
  });
}

/** The new Worker may need the new tables, and the old one does without them, so the database goes first. */
async function rebuild(project) {
  if (isBuilt(project, [FULL, QUICK])) return;
  console.log("\nFiles changed.");
  let publish;
  let translated;
  await step("Worker, compiled to WebAssembly", async (progress) => {
    const built = await build(project, await findTools(), progress, QUICK);
    ({ publish, translated } = built);
    return { notes: built.warnings };
  });
  await step("Local database", () => updateLocalDatabase({ ...project, translated }));
  publish();
}

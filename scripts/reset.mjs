// `npm run reset`: forgets the local database. The next `npm start` makes and seeds it again.

import { rmSync } from "node:fs";
import { join } from "node:path";

import { SCHEMA_STAMP } from "./database/local.mjs";
import { projectOf } from "./setup/project.mjs";
import { requireIdleState } from "./setup/state.mjs";
import { command } from "./terminal/steps.mjs";

await command(async () => {
  const { state } = projectOf();
  requireIdleState(state);
  // Only what wrangler and these scripts made: the folder itself may be somebody's.
  for (const name of ["v3", SCHEMA_STAMP]) rmSync(join(state, name), { recursive: true, force: true });
  console.log(`Removed the local data in ${state}.`);
});

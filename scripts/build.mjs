// `npm run build`: the Worker alone, from SELVEDGE_SCHEMA, SELVEDGE_POLICIES and SELVEDGE_FUNCTIONS or the default files.
// `npm run build -- --show-schema`: only the schema as the database executes it.

import { findTools, prepare } from "./setup/prepare.mjs";
import { projectOf, requireFiles } from "./setup/project.mjs";
import { command } from "./terminal/steps.mjs";
import { FULL, QUICK, isBuilt, translatedSchema } from "./worker/build.mjs";

await command(async () => {
  const project = projectOf();
  if (!process.argv.includes("--show-schema")) return prepare(project);
  requireFiles(project);
  const environment = isBuilt(project, [FULL, QUICK]) ? {} : await findTools();
  process.stdout.write(await translatedSchema(project, environment, () => {}));
});

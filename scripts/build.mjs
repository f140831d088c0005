// `npm run build`: the Worker alone, from SELVEDGE_SCHEMA, SELVEDGE_POLICIES and SELVEDGE_FUNCTIONS or the default files.

import { prepare } from "./setup/prepare.mjs";
import { projectOf } from "./setup/project.mjs";
import { command } from "./terminal/steps.mjs";

await command(() => prepare(projectOf()));

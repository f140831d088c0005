// `npm start`: everything set up, the Worker built, its database made and seeded, and wrangler dev serving it.

import { updateLocalDatabase } from "./database/local.mjs";
import { apiKeys } from "./setup/api-keys.mjs";
import { prepare } from "./setup/prepare.mjs";
import { developmentSecrets, projectOf } from "./setup/project.mjs";
import { claimState } from "./setup/state.mjs";
import { developmentSecret, ensureDevelopmentSecrets } from "./setup/secrets.mjs";
import { Failure } from "./terminal/failure.mjs";
import { command, step } from "./terminal/steps.mjs";
import { welcome } from "./terminal/welcome.mjs";
import { FULL, QUICK } from "./worker/build.mjs";
import { writeConfiguration } from "./worker/configuration.mjs";
import { rebuildOnChange } from "./worker/rebuild.mjs";
import { requirePort, serve, urlOf } from "./worker/serve.mjs";

await command(async () => {
  const project = projectOf();
  await requirePort(project.port);
  await prepare(project, [FULL, QUICK]);
  claimState(project.state);
  await step("Secrets in .dev.vars", ensureDevelopmentSecrets);
  const secret = developmentSecret();
  await step("Local database", () => updateLocalDatabase(project));
  const child = await startWorker(project);
  welcome({ url: urlOf(project.port), keys: apiKeys(secret), project });
  rebuildOnChange(project);
  const { code } = await child.ended;
  throw new Failure(`wrangler dev ended (exit ${code}).`);
});

async function startWorker(project) {
  let child;
  let ready = false;
  await step(`wrangler dev on port ${project.port}`, async (progress) => {
    child = await serve({
      ...project,
      configuration: writeConfiguration(project.workspace, project.built),
      secrets: developmentSecrets,
      onLine: (line) => (ready ? show(line) : progress(line)),
    });
    ready = true;
  });
  return child;
}

/** The Worker logs every request itself, so wrangler need not. */
function show(line) {
  if (!line.startsWith("[wrangler:info]")) console.log(line);
}

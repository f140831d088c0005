// `npm run keys`: the API keys of the local Worker.

import { apiKeys } from "./setup/api-keys.mjs";
import { developmentSecret, ensureDevelopmentSecrets } from "./setup/secrets.mjs";
import { command } from "./terminal/steps.mjs";

await command(async () => {
  ensureDevelopmentSecrets();
  const keys = apiKeys(developmentSecret());
  console.log(`anon          ${keys.anon}`);
  console.log(`service_role  ${keys.serviceRole}`);
});

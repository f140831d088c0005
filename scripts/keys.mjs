// `npm run keys`: the API keys of the local Worker; `JWT_SECRET=.. npm run keys`: those under another secret.

import { apiKeys } from "./setup/api-keys.mjs";
import { developmentSecret, ensureDevelopmentSecrets } from "./setup/secrets.mjs";
import { command } from "./terminal/steps.mjs";

await command(async () => {
  const given = process.env.JWT_SECRET;
  if (!given) ensureDevelopmentSecrets();
  const keys = apiKeys(given || developmentSecret());
  console.log(`anon          ${keys.anon}`);
  console.log(`service_role  ${keys.serviceRole}`);
});

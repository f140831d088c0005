// `npm run deploy`: the Worker at Cloudflare, with its database and its secret. Safe to repeat: what is there stays.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { applySchema } from "./database/apply.mjs";
import { remoteDatabase } from "./database/wrangler.mjs";
import { databaseId, deployWorker, hasSecret, requireLogin } from "./cloudflare/account.mjs";
import { productionConfiguration } from "./cloudflare/configuration.mjs";
import { apiKeys } from "./setup/api-keys.mjs";
import { preparePackages, prepareWorker } from "./setup/prepare.mjs";
import { projectOf, requireFiles, root } from "./setup/project.mjs";
import { newSecret } from "./setup/secrets.mjs";
import { bold, command, step } from "./terminal/steps.mjs";

const ADVICE =
  "Write the migration by hand, run it with\n  npx wrangler d1 execute selvedge --remote --file change.sql\nand deploy again. `npx wrangler d1 time-travel info selvedge` names the state to go back to.";

await command(async () => {
  const project = projectOf();
  requireFiles(project);
  await preparePackages();
  await step("Login at Cloudflare", requireLogin);
  await prepareWorker(project);
  let configuration;
  await step("Database at Cloudflare", async () => {
    const { id, remark } = await databaseId();
    configuration = productionConfiguration(project, id);
    return { remark };
  });
  await step("Schema at Cloudflare", async () => {
    const { notes, changes } = await applySchema(remoteDatabase(configuration), {
      schema: project.translated,
      advice: ADVICE,
    });
    return { remark: changes ? `${changes} changes applied` : "nothing to change", notes };
  });
  const secret = (await hasSecret(configuration, "JWT_SECRET")) ? null : newSecret();
  let url;
  await step("Worker at Cloudflare", async (progress) => {
    url = await deployWorker(configuration, secret ? { JWT_SECRET: secret } : {}, progress);
    return { remark: url };
  });
  if (secret) showKeys(apiKeys(secret));
  adviseSiteUrl(url);
});

/** The secret itself is shown nowhere, and cannot be read back: these keys are seen once. */
function showKeys(keys) {
  console.log(`\n${bold("A secret was made for this Worker. Keep these keys, they cannot be shown again:")}\n`);
  console.log(`anon key          ${keys.anon}\nservice_role key  ${keys.serviceRole}\n`);
}

function adviseSiteUrl(url) {
  const site = readFileSync(join(root, "wrangler.toml"), "utf8").match(/^SITE_URL = "(.*)"/m)?.[1];
  if (!site?.startsWith("http://127.0.0.1")) return;
  console.log(
    `SITE_URL in wrangler.toml is still the local one. Set it to ${url ?? "the Worker's address"} and deploy again:\nuntil then links in e-mails and redirects lead to this machine.`,
  );
}

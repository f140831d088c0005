// What is there at Cloudflare, asked and changed through wrangler.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runWrangler } from "../database/wrangler.mjs";
import { Failure } from "../terminal/failure.mjs";
import { lastLines } from "../terminal/run.mjs";

export const DATABASE = "selvedge";

export async function requireLogin() {
  const { stdout } = await runWrangler(["whoami", "--json"], { allowFailure: true });
  if (jsonIn(stdout)?.loggedIn) return;
  throw new Failure(
    "Not logged in at Cloudflare.",
    "npx wrangler login\nor, where there is no browser, set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.",
  );
}

/** The database's id, after making it where it is missing. */
export async function databaseId() {
  const present = await findDatabase();
  if (present) return { id: present, remark: "there already" };
  await runWrangler(["d1", "create", DATABASE, "--update-config=false"]);
  const id = await findDatabase();
  if (!id) throw new Failure(`The database ${DATABASE} was made, but cannot be found.`);
  return { id, remark: "made" };
}

async function findDatabase() {
  const { stdout } = await runWrangler(["d1", "list", "--json"]);
  return jsonIn(stdout)?.find(({ name }) => name === DATABASE)?.uuid;
}

/** A Worker that was never deployed has no secrets. Any other refusal must not be taken for "none". */
export async function hasSecret(configuration, name) {
  const { code, stdout, output } = await runWrangler(
    ["secret", "list", "--config", configuration, "--format", "json"],
    { allowFailure: true },
  );
  if (code === 0) return jsonIn(stdout).some((secret) => secret.name === name);
  if (/\b10007\b|not found|does not exist/i.test(output)) return false;
  throw new Failure("The Worker's secrets cannot be listed:", lastLines(output, 10));
}

/** Secrets travel in a file that only this user can read, and that is gone afterwards. Returns the Worker's address. */
export async function deployWorker(configuration, secrets, progress) {
  const folder = mkdtempSync(join(tmpdir(), "selvedge-deploy-"));
  try {
    const file = join(folder, "secrets.json");
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
    const withSecrets = Object.keys(secrets).length ? ["--secrets-file", file] : [];
    const { output } = await runWrangler(["deploy", "--config", configuration, ...withSecrets], { onLine: progress });
    return output.match(/https:\/\/\S+\.workers\.dev\b/)?.[0];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** wrangler may say something before the JSON. */
function jsonIn(output) {
  try {
    return JSON.parse(output.slice(output.search(/^[[{]/m)));
  } catch {
    return null;
  }
}

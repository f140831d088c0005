// The configuration that wrangler serves locally: wrangler.toml, pointed at a Worker which is built already.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { migrations, root } from "../setup/project.mjs";

/** What is easier for whoever builds an app, as Supabase's own tools have it; what is set in wrangler.toml stays. */
const LOCAL_VARIABLES = {
  ENVIRONMENT: "development",
  MAILER_AUTOCONFIRM: "true",
  EXTERNAL_ANONYMOUS_USERS_ENABLED: "true",
};

function localVariables(text) {
  return Object.entries(LOCAL_VARIABLES)
    .filter(([name]) => name === "ENVIRONMENT" || !new RegExp(`^${name} *=`, "m").test(text))
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`)
    .join("");
}

/** Takes the `[build]` table out, for the scripts build, makes the paths absolute, and says that this is no production. */
export function localConfiguration(text, { main, migrations }) {
  return text
    .replace(/^\[build\]\n(?:(?!\[).*\n)*/m, "")
    .replace(/^\[vars\]\n/m, `[vars]\n${localVariables(text)}`)
    .replace(/^main = .*$/m, `main = ${JSON.stringify(main)}`)
    .replace(/^migrations_dir = .*$/m, `migrations_dir = ${JSON.stringify(migrations)}`);
}

/** Writes it into `folder`, for the Worker that is in the folder `built`, and returns its path. */
export function writeConfiguration(folder, built) {
  const text = readFileSync(join(root, "wrangler.toml"), "utf8");
  const path = join(folder, "wrangler.toml");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, localConfiguration(text, { main: join(built, "index.js"), migrations }));
  return path;
}

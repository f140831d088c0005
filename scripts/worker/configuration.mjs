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

/** Takes the `[build]` table out, for the scripts build, and makes the paths absolute. */
export function servedConfiguration(text, { main, migrations }) {
  return text
    .replace(/^\[build\]\n(?:(?!\[).*\n)*/m, "")
    .replace(/^main = .*$/m, `main = ${JSON.stringify(main)}`)
    .replace(/^migrations_dir = .*$/m, `migrations_dir = ${JSON.stringify(migrations)}`);
}

/** The same, which says that this is no production. */
export function localConfiguration(text, paths) {
  return servedConfiguration(text, paths).replace(/^\[vars\]\n/m, `[vars]\n${localVariables(text)}`);
}

/** Writes it into `folder`, for the Worker that is in the folder `built`, and returns its path. */
export function writeConfiguration(folder, built, make = localConfiguration) {
  const text = readFileSync(join(root, "wrangler.toml"), "utf8");
  const path = join(folder, "wrangler.toml");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, make(text, { main: join(built, "index.js"), migrations }));
  return path;
}

// The configuration that wrangler serves locally: wrangler.toml, pointed at a Worker which is built already.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { migrations, root } from "../setup/project.mjs";

/** Takes the `[build]` table out, for the scripts build, makes the paths absolute, and says that this is no production. */
export function localConfiguration(text, { main, migrations }) {
  return text
    .replace(/^\[build\]\n(?:(?!\[).*\n)*/m, "")
    .replace(/^\[vars\]\n/m, '[vars]\nENVIRONMENT = "development"\n')
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

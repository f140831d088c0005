// The configuration to deploy: wrangler.toml with the database's id, and pointed at the Worker that is built.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { writeConfiguration } from "../worker/configuration.mjs";

export const withDatabaseId = (text, id) =>
  text.replace(/^binding = "DB"$/m, `$&\ndatabase_id = ${JSON.stringify(id)}`);

/** Beside the local one, so that neither overwrites the other. Returns its path. */
export function productionConfiguration(project, id) {
  const path = writeConfiguration(join(project.workspace, "production"), project.built);
  writeFileSync(path, withDatabaseId(readFileSync(path, "utf8"), id));
  return path;
}

// The configuration to deploy: wrangler.toml with the database's id, and pointed at the Worker that is built.

import { join } from "node:path";

import { servedConfiguration, writeConfiguration } from "../worker/configuration.mjs";

export const withDatabaseId = (text, id) =>
  text.replace(/^binding = "DB"$/m, `$&\ndatabase_id = ${JSON.stringify(id)}`);

/** Nothing of what makes life easier on a machine for development may get into it. */
export const deployedConfiguration = (text, paths, id) => withDatabaseId(servedConfiguration(text, paths), id);

/** Beside the local one, so that neither overwrites the other. Returns its path. */
export const productionConfiguration = (project, id) =>
  writeConfiguration(join(project.workspace, "production"), project.built, (text, paths) =>
    deployedConfiguration(text, paths, id),
  );

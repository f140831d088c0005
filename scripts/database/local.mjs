// The local database: a file of workerd's SQLite in the state folder, made and changed through wrangler.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { migrations } from "../setup/project.mjs";
import { writeConfiguration } from "../worker/configuration.mjs";
import { fingerprint } from "../worker/inputs.mjs";
import { applySchema } from "./apply.mjs";
import { localDatabase } from "./wrangler.mjs";

const ADVICE =
  "`npm run reset` starts the local data over.\nIn production write the migration by hand: wrangler d1 execute selvedge --remote --file change.sql";

/** In the state folder: which schema the database has. */
export const SCHEMA_STAMP = "selvedge-schema.sha256";

function isNew(state) {
  const folder = join(state, "v3", "d1", "miniflare-D1DatabaseObject");
  return !existsSync(folder) || !readdirSync(folder).some((name) => name.endsWith(".sqlite"));
}

/** Makes, seeds or changes the local database. Asking wrangler takes seconds, so a stamp tells when nothing changed. */
export async function updateLocalDatabase(project) {
  const wanted = fingerprint([migrations, project.translated]);
  const stamp = join(project.state, SCHEMA_STAMP);
  const missing = isNew(project.state);
  if (!missing && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted)
    return { remark: "up to date", notes: [] };
  const database = localDatabase(writeConfiguration(project.workspace, project.built), project.state);
  const { notes, changes, seeded } = await applySchema(database, {
    schema: project.translated,
    seed: project.seed,
    isNew: missing,
    advice: ADVICE,
  });
  mkdirSync(project.state, { recursive: true });
  writeFileSync(stamp, wanted);
  return { remark: remark(missing, changes, seeded), notes };
}

function remark(made, changes, seeded) {
  if (made || seeded) return seeded ? "made and seeded" : "made";
  return changes ? `${changes} changes applied` : "nothing to change";
}

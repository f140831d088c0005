// What a build is made of. Two builds of the same inputs are the same Worker, so one of them is enough.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { migrations, root } from "../setup/project.mjs";

/** The last decides how small the same source becomes. */
const OURS = [".cargo", "Cargo.toml", "Cargo.lock", "build.rs", "src", "assets", "scripts/worker/compact.mjs"].map((name) => join(root, name));

export const buildInputs = (project) => [
  ...OURS,
  migrations,
  project.schema,
  project.policies,
  ...(project.functions ? [project.functions] : []),
  join(dirname(project.schema), "mail"),
];

function* filesBelow(path) {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const name of readdirSync(path).sort()) yield* filesBelow(join(path, name));
}

/** A hash of the names and contents of all files below the given paths. */
export function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of filesBelow(path))
      hash
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update("\0");
  }
  return hash.digest("hex");
}

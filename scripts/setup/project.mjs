// Which files are served, and where what is made of them goes.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Failure } from "../terminal/failure.mjs";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const migrations = join(root, "migrations");
export const developmentSecrets = join(root, ".dev.vars");

const DEFAULT_PORT = 54321; // That of Supabase's local stack, so that tutorials work as they stand.

/**
 * The default files are built into `build/` and live in `.wrangler/state`. Other files get a workspace of their
 * own, named after their paths, so that several projects can be served beside each other.
 */
export function projectOf(environment = process.env) {
  const path = (name, fallback) => resolve(root, environment[name] || fallback);
  const schema = path("SELVEDGE_SCHEMA", "schema.sql");
  const policies = path("SELVEDGE_POLICIES", "policies.sql");
  const functions = functionsOf(environment, schema);
  const isDefault =
    schema === join(root, "schema.sql") &&
    policies === join(root, "policies.sql") &&
    (functions === null || functions === join(root, "functions.sql"));
  const variant = isDefault ? "default" : shortHash(`${schema}\n${policies}\n${functions}`);
  const workspace = join(root, ".wrangler", "selvedge", variant);
  return {
    schema,
    policies,
    functions,
    // The schema as the database executes it, once the Worker is built.
    translated: join(workspace, "schema.sql"),
    seed: seedOf(environment, schema),
    state: resolve(root, environment.SELVEDGE_STATE || (isDefault ? ".wrangler/state" : join(workspace, "state"))),
    port: portOf(environment.PORT),
    workspace,
    built: isDefault ? join(root, "build") : join(workspace, "build"),
  };
}

/** How the build script hears of the files. The default ones go without saying, as in a plain `cargo test`. */
export function buildVariables({ schema, policies, functions }, environment) {
  const { SELVEDGE_SCHEMA, SELVEDGE_POLICIES, SELVEDGE_FUNCTIONS, ...others } = environment;
  const named = {
    SELVEDGE_SCHEMA: [schema, "schema.sql"],
    SELVEDGE_POLICIES: [policies, "policies.sql"],
    SELVEDGE_FUNCTIONS: [functions, "functions.sql"],
  };
  const changed = Object.entries(named).filter(([, [path, standard]]) => path && path !== join(root, standard));
  return { ...others, ...Object.fromEntries(changed.map(([name, [path]]) => [name, path])) };
}

/** There need not be any. The demo's fit the demo's schema only. */
function functionsOf(environment, schema) {
  if (environment.SELVEDGE_FUNCTIONS) return resolve(root, environment.SELVEDGE_FUNCTIONS);
  return schema === join(root, "schema.sql") ? join(root, "functions.sql") : null;
}

/** The demo's rows fit the demo's schema only. */
function seedOf(environment, schema) {
  if (environment.SELVEDGE_SEED) return resolve(root, environment.SELVEDGE_SEED);
  const seed = join(root, "seed.sql");
  return schema === join(root, "schema.sql") && existsSync(seed) ? seed : null;
}

function portOf(text) {
  if (!text) return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Failure(`PORT is ${JSON.stringify(text)}, which is not a port number.`);
}

export function requireFiles(project) {
  const named = {
    SELVEDGE_SCHEMA: project.schema,
    SELVEDGE_POLICIES: project.policies,
    SELVEDGE_FUNCTIONS: project.functions === join(root, "functions.sql") ? null : project.functions,
    SELVEDGE_SEED: project.seed,
  };
  for (const [variable, path] of Object.entries(named)) {
    if (path && !existsSync(path)) throw new Failure(`${path} does not exist.`, `${variable} names another file.`);
  }
}

export const shortHash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);

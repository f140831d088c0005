// Serves the Worker for a test: real wrangler dev, real D1, with data, secret and port of its own.

import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { updateLocalDatabase } from "../../scripts/database/local.mjs";
import { localDatabase } from "../../scripts/database/wrangler.mjs";
import { apiKeys } from "../../scripts/setup/api-keys.mjs";
import { findTools } from "../../scripts/setup/prepare.mjs";
import { projectOf, migrations, shortHash } from "../../scripts/setup/project.mjs";
import { newSecret } from "../../scripts/setup/secrets.mjs";
import { signalGroup, stop, stopOnSignals } from "../../scripts/terminal/processes.mjs";
import { build, isBuilt } from "../../scripts/worker/build.mjs";
import { writeConfiguration } from "../../scripts/worker/configuration.mjs";
import { fingerprint } from "../../scripts/worker/inputs.mjs";
import { freePort, serve as serveWorker, urlOf } from "../../scripts/worker/serve.mjs";

stopOnSignals();

/**
 * `schema`, `policies`, `functions` and `seed` are paths, by default the demo's; `seed: null` starts without rows.
 * `variables` are added to the Worker's environment. Returns once the Worker answers:
 *
 * - `url`, `anonKey`, `serviceRoleKey`, `secret`: what a client needs, and what a forger would;
 * - `logs()`: the lines which the Worker has written; `database()`: its database, while nothing serves it;
 * - `kill()`: ends the runtime at once, as a crash would; `restart()`: serves the same data again;
 * - `stop()`: ends it and removes its data. To be called in `after`.
 */
export async function serve({ schema, policies, functions, seed, variables = {} } = {}) {
  const project = await builtProject({ schema, policies, functions, seed });
  const folder = mkdtempSync(join(tmpdir(), "selvedge-test-"));
  const state = join(folder, "state");
  cpSync(await databaseTemplate(project), state, { recursive: true });
  const secret = newSecret();
  const server = new Server({
    project,
    folder,
    state,
    port: await freePort(),
    variables: { JWT_SECRET: secret, ...variables },
  });
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await server.restart();
  const keys = apiKeys(secret);
  return Object.assign(server, { secret, anonKey: keys.anon, serviceRoleKey: keys.serviceRole });
}

class Server {
  #settings;
  #child = null;
  #lines = [];

  constructor({ project, folder, state, port, variables }) {
    const secrets = join(folder, ".dev.vars");
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`);
    writeFileSync(secrets, `${lines.join("\n")}\n`, { mode: 0o600 });
    const configuration = writeConfiguration(folder, project.built);
    this.#settings = { configuration, secrets, state, port, workspace: folder };
    this.url = urlOf(port);
  }

  async restart() {
    if (this.#child) await stop(this.#child);
    this.#child = await serveWorker({ ...this.#settings, onLine: (line) => this.#lines.push(line) });
  }

  async kill() {
    signalGroup(this.#child, "SIGKILL");
    await this.#child.ended;
    this.#child = null;
  }

  async stop() {
    if (this.#child) await stop(this.#child);
    this.#child = null;
    rmSync(this.#settings.workspace, { recursive: true, force: true, maxRetries: 5 });
  }

  logs() {
    return [...this.#lines];
  }

  /** Its database, while nothing serves it. */
  database() {
    return localDatabase(this.#settings.configuration, this.#settings.state);
  }
}

/** `npm test` has built the demo; other files are built when a test first asks for them. */
async function builtProject({ schema, policies, functions, seed }) {
  const named = {
    SELVEDGE_SCHEMA: schema,
    SELVEDGE_POLICIES: policies,
    SELVEDGE_FUNCTIONS: functions,
    SELVEDGE_SEED: seed ?? undefined,
  };
  const project = projectOf(named);
  if (seed === null) project.seed = null;
  if (!isBuilt(project)) {
    const { publish } = await build(project, await findTools(), () => {});
    publish();
  }
  return project;
}

/** Making a database takes wrangler seconds, copying one takes none. */
async function databaseTemplate(project) {
  const sources = [migrations, project.translated, ...(project.seed ? [project.seed] : [])];
  const template = join(project.workspace, "templates", shortHash(fingerprint(sources)));
  if (existsSync(template)) return template;
  const unfinished = `${template}.${process.pid}`;
  await updateLocalDatabase({ ...project, state: unfinished });
  try {
    renameSync(unfinished, template);
  } catch (error) {
    // Another test was first.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
  return template;
}

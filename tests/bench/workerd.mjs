// Serves a Worker on workerd itself: no wrangler dev, whose proxies would cost more than the Worker does. The database
// is the one of wrangler dev: miniflare's D1, from its package.

import { createInterface } from "node:readline";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { start, stop } from "../../scripts/terminal/processes.mjs";
import { Failure } from "../../scripts/terminal/failure.mjs";
import { freePort, HOST } from "../../scripts/worker/serve.mjs";

const require = createRequire(import.meta.url);
const workerd = require("workerd").default;
const simulators = join(dirname(require.resolve("miniflare")), "workers");

/** As in wrangler.toml. */
const COMPATIBILITY_DATE = "2026-04-01";
const READY_MILLISECONDS = 30_000;

/** Texts of Cap'n Proto escape as those of JSON do. */
const text = (value) => JSON.stringify(value);
const embed = (path) => `embed ${text(path)}`;
const list = (items) => `[${items.join(", ")}]`;

function moduleOf(path, name) {
  const kind = path.endsWith(".wasm") ? "wasm" : "esModule";
  return `(name = ${text(name)}, ${kind} = ${embed(path)})`;
}

/** What wrangler dev would bind as `DB`. */
const database = (service) =>
  `(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = ${text(service)})]))`;

function workerService({ modules, variables }) {
  const bindings = Object.entries(variables).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`);
  return `(name = "worker", worker = (
    compatibilityDate = ${text(COMPATIBILITY_DATE)},
    modules = ${list(modules.map(({ path, name }) => moduleOf(path, name)))},
    bindings = ${list([database("database"), ...bindings])}))`;
}

function databaseServices(storage) {
  return [
    `(name = "storage", disk = (path = ${text(storage)}, writable = true))`,
    `(name = "objects", worker = (
      compatibilityDate = "2023-07-24",
      compatibilityFlags = ["nodejs_compat", "experimental"],
      modules = ${list([moduleOf(join(simulators, "d1/database.worker.js"), "database.worker.js")])},
      durableObjectNamespaces = [(className = "D1DatabaseObject", uniqueKey = "D1DatabaseObject", enableSql = true)],
      durableObjectStorage = (localDisk = "storage"),
      bindings = [(name = "MINIFLARE_BLOBS", service = "storage")]))`,
    `(name = "database", worker = (
      compatibilityDate = "2023-07-24",
      modules = ${list([moduleOf(join(simulators, "shared/object-entry.worker.js"), "object-entry.worker.js")])},
      bindings = [
        (name = "MINIFLARE_OBJECT", durableObjectNamespace = (className = "D1DatabaseObject", serviceName = "objects")),
        (name = "MINIFLARE_NAMESPACE", text = "bench")]))`,
  ];
}

const EXTENSIONS = `extensions = [(modules = [
  (name = "miniflare:shared", esModule = ${embed(join(simulators, "shared/index.worker.js"))}, internal = false),
  (name = "miniflare:zod", esModule = ${embed(join(simulators, "shared/zod.worker.js"))}, internal = false)])]`;

/**
 * Serves a Worker, whose `modules` are paths and names and whose `variables` are texts, with a database in `folder`.
 * `apart` puts the database into a process of its own, so that the processor time of either can be told; what is
 * `between` them is then told the database's port. `inspect` is a port for V8's inspector.
 */
export async function serve({ folder, modules, variables, apart = false, between, inspect, onLine }) {
  const storage = join(folder, "storage");
  mkdirSync(storage, { recursive: true });
  const [port, databasePort] = [await freePort(), await freePort()];
  const socket = (name, number, service) =>
    `(name = ${text(name)}, address = ${text(`${HOST}:${number}`)}, http = (), service = ${text(service)})`;
  const worker = workerService({ modules, variables });
  const processes = [];
  const run = async (name, services, sockets) =>
    processes.push(await startProcess({ folder, name, services, sockets, inspect: name === "worker" ? inspect : undefined, onLine }));
  const databaseSocket = socket("database", databasePort, "database");
  const workerSocket = socket("worker", port, "worker");
  const began = performance.now();
  if (apart) {
    between?.watch(databasePort);
    const address = text(`${HOST}:${between?.port ?? databasePort}`);
    const remote = `(name = "database", external = (address = ${address}, http = ()))`;
    await run("database", databaseServices(storage), [databaseSocket]);
    await run("worker", [worker, remote], [workerSocket]);
  } else {
    await run("worker", [worker, ...databaseServices(storage)], [workerSocket, databaseSocket]);
  }
  return new Served({ port, databasePort, processes, startMilliseconds: performance.now() - began });
}

class Served {
  constructor({ port, databasePort, processes, startMilliseconds }) {
    Object.assign(this, { port, processes, startMilliseconds });
    this.databaseUrl = `http://${HOST}:${databasePort}/query?resultsFormat=ROWS_AND_COLUMNS`;
  }

  /** Runs SQL beside the Worker, as `wrangler d1 execute` would, and gives the rows of each statement. */
  async execute(...statements) {
    const queries = statements.map((sql) => ({ sql, params: [] }));
    const answer = await fetch(this.databaseUrl, { method: "POST", body: JSON.stringify(queries) });
    const results = await answer.json();
    if (!Array.isArray(results)) throw new Failure(`The database answered: ${results.error}`);
    return results.map(({ results }) => results.rows);
  }

  /** Processor time so far, in microseconds: of the Worker's process and, where there is one, of the database's. */
  processorTime() {
    const times = Object.fromEntries(this.processes.map(({ name, child }) => [name, microseconds(child.pid)]));
    return { worker: times.worker, database: times.database ?? 0 };
  }

  async stop() {
    await Promise.all(this.processes.map(({ child }) => stop(child)));
  }
}

/** The kernel counts the nanoseconds of each thread; Linux only. */
function microseconds(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const times = tasks.map((task) => {
    try {
      return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      return 0; // The thread has just ended.
    }
  });
  return times.reduce((sum, time) => sum + time, 0) / 1000;
}

async function startProcess({ folder, name, services, sockets, inspect, onLine = () => {} }) {
  const path = join(folder, `${name}.capnp`);
  writeFileSync(
    path,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = ${list(services)},
  sockets = ${list(sockets)},
  ${EXTENSIONS});
`,
  );
  const inspector = inspect ? [`--inspector-addr=${HOST}:${inspect}`] : [];
  const child = start(workerd, ["serve", "--experimental", "--control-fd=3", "--import-path=/", ...inspector, path], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      if (output.length < 10_000) output += `${line}\n`;
      onLine(line);
    });
  }
  await untilItListens(child, sockets.length, () => output);
  return { name, child };
}

function untilItListens(child, ports, output) {
  return new Promise((resolve, reject) => {
    const fail = (what) => reject(new Failure(`workerd ${what}:`, output()));
    const timer = setTimeout(() => fail("does not answer"), READY_MILLISECONDS);
    let listening = 0;
    createInterface({ input: child.stdio[3] }).on("line", (line) => {
      if (JSON.parse(line).event !== "listen") return;
      listening += 1;
      if (listening < ports) return;
      clearTimeout(timer);
      resolve();
    });
    child.ended.then(() => {
      clearTimeout(timer);
      fail("ended");
    });
  });
}

// wrangler dev: the real runtime with its real database, on this machine only, with no account and no internet.

import { createInterface } from "node:readline";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { QUIET } from "../database/wrangler.mjs";
import { root } from "../setup/project.mjs";
import { node, wrangler } from "../setup/packages.mjs";
import { Failure } from "../terminal/failure.mjs";
import { start } from "../terminal/processes.mjs";
import { lastLines } from "../terminal/run.mjs";

export const HOST = "127.0.0.1";
const READY_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 50;

export const urlOf = (port) => `http://${HOST}:${port}`;

/** Whether a port can be had. Port 0 asks for any, and its number is returned. */
export function freePort(port = 0) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, HOST, () => {
      const { port: found } = server.address();
      server.close(() => resolve(found));
    });
  });
}

export async function requirePort(port) {
  if ((await freePort(port)) !== null) return;
  throw new Failure(`Port ${port} is in use.`, `Stop what uses it, or choose another: PORT=${port + 1} npm start`);
}

/** Starts wrangler dev and returns its process once the Worker answers. */
export async function serve({ configuration, secrets, state, port, workspace, variables = {}, onLine = () => {} }) {
  const parameters = [
    ["dev", "--config", configuration, "--env-file", secrets, "--local", "--persist-to", state],
    ["--ip", HOST, "--port", String(port), "--inspector-port", "0", "--show-interactive-dev-session=false"],
    Object.entries({ SITE_URL: urlOf(port), ...variables }).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ].flat();
  const child = start(node, [wrangler, ...parameters], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...QUIET,
      X_LOCAL_OBSERVABILITY: "false",
      X_LOCAL_EXPLORER: "false",
      WRANGLER_LOG_PATH: join(workspace, "logs"),
      WRANGLER_REGISTRY_PATH: join(workspace, "registry"),
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      output = lastLines(`${output}\n${line}`);
      onLine(line);
    });
  }
  await untilItAnswers(child, port, () => output);
  return child;
}

async function untilItAnswers(child, port, output) {
  let ended = false;
  child.ended.then(() => (ended = true));
  const deadline = Date.now() + READY_MILLISECONDS;
  while (!ended && Date.now() < deadline) {
    try {
      const answer = await fetch(`${urlOf(port)}/auth/v1/health`, { signal: AbortSignal.timeout(5000) });
      await answer.arrayBuffer();
      return;
    } catch {
      await delay(POLL_MILLISECONDS);
    }
  }
  throw new Failure(ended ? "wrangler dev ended:" : "The Worker does not answer:", output());
}

// Every program that the scripts start runs in a process group of its own, so that a whole tree
// (wrangler and its workerd, cargo and its compilers) ends together, however the script itself ends.

import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

const GRACE_MILLISECONDS = 3000;
const PARENT_POLL_MILLISECONDS = 1000;

const running = new Set();

/** `grace` is how long the child may take to end by itself when it is asked to. */
export function start(command, parameters, { grace = GRACE_MILLISECONDS, ...options } = {}) {
  const child = spawn(command, parameters, { ...options, detached: true });
  child.grace = grace;
  running.add(child);
  child.ended = new Promise((resolve) => {
    child.once("error", (error) => {
      running.delete(child);
      resolve({ error });
    });
    // Whatever it leaves behind ends with it.
    child.once("exit", () => signalGroup(child, "SIGKILL"));
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  return child;
}

/** Signals a child and all its descendants. Says nothing when they are gone already. */
export function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH" && error.code !== "EPERM") throw error;
  }
}

/** Asks the child alone, so that wrangler can end its workerd itself; what is left after that is killed. */
export async function stop(child) {
  child.kill("SIGTERM");
  const ended = await Promise.race([child.ended.then(() => true), delay(child.grace, false, { ref: false })]);
  if (!ended) signalGroup(child, "SIGKILL");
  await child.ended;
}

export function stopAll() {
  return Promise.all([...running].map(stop));
}

let stopping = false;

async function stopEverything(exitCode) {
  if (stopping) return;
  stopping = true;
  await stopAll();
  process.exit(exitCode);
}

export const isStopping = () => stopping;

export function stopOnSignals() {
  process.on("SIGINT", () => stopEverything(130));
  process.on("SIGTERM", () => stopEverything(143));
  process.on("SIGHUP", () => stopEverything(129));
  if (process.env.npm_lifecycle_event) stopWithParent();
  process.on("exit", () => {
    for (const child of running) signalGroup(child, "SIGKILL");
  });
}

/** npm may be killed without a word to us. */
function stopWithParent() {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stopEverything(143), PARENT_POLL_MILLISECONDS).unref();
}

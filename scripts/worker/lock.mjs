// Cargo's output folder is shared by every build of this clone, so one build runs at a time.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { root } from "../setup/project.mjs";

const path = join(root, ".wrangler", "selvedge", "build.lock");
const POLL_MILLISECONDS = 200;

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

function tryLock() {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  // The holder may have been killed: what it left is no lock.
  const holder = Number(readFileSync(path, "utf8") || 0);
  if (holder && !isAlive(holder)) rmSync(path, { force: true });
  return false;
}

export async function alone(progress, work) {
  mkdirSync(dirname(path), { recursive: true });
  while (!tryLock()) {
    progress("waiting for another build of this clone");
    await delay(POLL_MILLISECONDS);
  }
  const release = () => rmSync(path, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

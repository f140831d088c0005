// The folder of the local database is served by one process at a time, and never removed beneath it.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Failure } from "../terminal/failure.mjs";

const pathOf = (state) => join(state, "selvedge.pid");

/** The process which serves the folder, or null. What a killed process left does not count. */
function holder(state) {
  if (!existsSync(pathOf(state))) return null;
  const pid = Number(readFileSync(pathOf(state), "utf8"));
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === "EPERM" ? pid : null;
  }
}

export function requireIdleState(state) {
  const pid = holder(state);
  if (pid !== null) {
    throw new Failure(
      `${state} is being served by process ${pid}.`,
      "Stop that one first. To serve other files beside it, set SELVEDGE_STATE, SELVEDGE_SCHEMA and PORT.",
    );
  }
}

export function claimState(state) {
  requireIdleState(state);
  mkdirSync(state, { recursive: true });
  writeFileSync(pathOf(state), String(process.pid));
  process.on("exit", () => rmSync(pathOf(state), { force: true }));
}

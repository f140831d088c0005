import { createInterface } from "node:readline";

import { Failure } from "./failure.mjs";
import { isStopping, start } from "./processes.mjs";

/**
 * Runs a program to its end and returns what it wrote.
 * `onLine` hears every line as it comes; `allowFailure` returns a nonzero exit instead of throwing.
 */
export async function run(command, parameters, options = {}) {
  const { onLine = () => {}, allowFailure = false, input, name = command, ...spawning } = options;
  const child = start(command, parameters, { ...spawning, stdio: ["pipe", "pipe", "pipe"] });
  const result = { code: null, stdout: "", stderr: "", output: "" };
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  for (const stream of ["stdout", "stderr"]) {
    createInterface({ input: child[stream] }).on("line", (line) => {
      result[stream] += `${line}\n`;
      result.output += `${line}\n`;
      onLine(line);
    });
  }
  const { code, signal, error } = await child.ended;
  // A program that was ended because we are being ended has nothing to report.
  if (isStopping()) await new Promise(() => {});
  if (error) throw missing(name, error);
  result.code = code ?? `signal ${signal}`;
  if (code !== 0 && !allowFailure) throw new Failure(`${name} failed (exit ${result.code}):`, lastLines(result.output));
  return result;
}

/** Whether a program is there and answers. */
export async function answers(command, parameters, options = {}) {
  try {
    return (await run(command, parameters, { ...options, allowFailure: true })).code === 0;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

function missing(name, error) {
  if (error.code === "ENOENT") return new Failure(`${name} is not installed, or not on PATH.`);
  return new Failure(`${name} could not be started: ${error.message}`);
}

export function lastLines(text, count = 30) {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

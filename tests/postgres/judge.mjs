// Selvedge's side: the native program `judge` (tests/postgres/judge/), which answers questions by lines of JSON.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

import { root } from "../../scripts/setup/project.mjs";

/** `npm test` has built it. */
const PROGRAM = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "examples", "judge");

/** Starts the program. */
export function startJudge() {
  return new Judge(spawn(PROGRAM, [], { stdio: ["pipe", "pipe", "inherit"] }));
}

class Judge {
  #child;
  #waiting = [];

  constructor(child) {
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.#waiting.shift().resolve(line));
    const fail = (error) => this.#waiting.splice(0).forEach(({ reject }) => reject(error));
    child.on("error", (error) => fail(new Error(`${error.message}: build it by \`cargo build --example judge\``)));
    child.on("exit", (code) => fail(new Error(`the judge ended with ${code}`)));
  }

  /** Asks one question. Answers come in the order of the questions. */
  async ask(question) {
    const line = await new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    });
    const answer = JSON.parse(line);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  /** For each condition `{ refused: [diagnostics] }` or `{ admitted, raised, error, sql }`. */
  async judge(world, expressions, options = {}) {
    const { schema, policies, functions, rows, table, claims } = world;
    const question = { ask: "conditions", schema, policies, functions, rows, table, claims, ...options };
    return (await this.ask({ ...question, conditions: expressions })).results;
  }

  close() {
    this.#child.stdin.end();
  }
}

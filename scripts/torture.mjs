// `npm run torture`: the tests that make things up, at length and each time from another seed, which is
// printed. What fails prints how to run it again.
//
// SELVEDGE_REQUESTS and SELVEDGE_CASES say how many requests, SELVEDGE_EXPRESSIONS how many expressions,
// PROPTEST_CASES how many cases of each property. SELVEDGE_SEED and PROPTEST_RNG_SEED say where to begin; 1 is where `cargo test` does.

import { randomInt } from "node:crypto";

import { node } from "./setup/packages.mjs";
import { root } from "./setup/project.mjs";
import { Failure } from "./terminal/failure.mjs";
import { run } from "./terminal/run.mjs";
import { bold, command } from "./terminal/steps.mjs";

/**
 * Half a million mutated requests at each of two schemas; half a million made-up ones against the evaluator; a million
 * expressions against PostgreSQL.
 */
const LENGTHS = {
  SELVEDGE_REQUESTS: "500000",
  SELVEDGE_CASES: "500000",
  SELVEDGE_EXPRESSIONS: "1000000",
  PROPTEST_CASES: "100000",
};

const cargo = (...parameters) => [["cargo", ["test", ...parameters, "--", "--nocapture"]]];

/** Each with the programs that it takes. */
const TESTS = [
  ["the grammar", cargo("--lib", "rest::query")],
  ["mutations", cargo("--test", "mutations")],
  ["differential", cargo("--test", "differential")],
  ["statements", cargo("--test", "statements")],
  [
    "expressions",
    [
      ["cargo", ["build", "--example", "judge"]],
      [node, ["--test", "tests/postgres/expressions.test.mjs", "tests/postgres/rest.test.mjs"]],
    ],
  ],
];

await command(async () => {
  const { SELVEDGE_SEED, PROPTEST_RNG_SEED = SELVEDGE_SEED } = process.env;
  const begin = SELVEDGE_SEED ?? String(randomInt(2 ** 32));
  const seeds = { SELVEDGE_SEED: begin, PROPTEST_RNG_SEED: PROPTEST_RNG_SEED ?? begin };
  console.log(`SELVEDGE_SEED=${seeds.SELVEDGE_SEED} PROPTEST_RNG_SEED=${seeds.PROPTEST_RNG_SEED}`);
  for (const [name, programs] of TESTS) {
    console.log(`\n${bold(name)}`);
    for (const [program, parameters] of programs) {
      const { code } = await run(program, parameters, {
        cwd: root,
        env: { ...LENGTHS, ...process.env, ...seeds },
        allowFailure: true,
        onLine: console.log,
      });
      if (code !== 0) throw new Failure(`${name}: failed, from SELVEDGE_SEED=${seeds.SELVEDGE_SEED}.`);
    }
  }
});

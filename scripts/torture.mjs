// `npm run torture`: the tests that make things up, at length. What fails prints how to run it again.
//
// SELVEDGE_REQUESTS and SELVEDGE_CASES say how many requests, SELVEDGE_SEED where to begin.

import { root } from "./setup/project.mjs";
import { Failure } from "./terminal/failure.mjs";
import { run } from "./terminal/run.mjs";
import { bold, command } from "./terminal/steps.mjs";

/** Half a million mutated requests at each of two schemas; half a million made-up ones against the evaluator. */
const LENGTHS = { SELVEDGE_REQUESTS: "500000", SELVEDGE_CASES: "500000", PROPTEST_CASES: "100000" };

const TESTS = ["mutations", "differential", "statements"];

await command(async () => {
  for (const name of TESTS) {
    console.log(`\n${bold(name)}`);
    const { code } = await run("cargo", ["test", "--test", name, "--", "--nocapture"], {
      cwd: root,
      env: { ...LENGTHS, ...process.env },
      allowFailure: true,
      onLine: console.log,
    });
    if (code !== 0) throw new Failure(`${name}: failed.`);
  }
});

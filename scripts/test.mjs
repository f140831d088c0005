// `npm test`: everything set up, then every test there is. It stops at the first kind of test that fails.

import fs from "node:fs";
import { join } from "node:path";

import { node } from "./setup/packages.mjs";
import { prepare, prepareTools } from "./setup/prepare.mjs";
import { projectOf, root } from "./setup/project.mjs";
import { TARGET } from "./setup/toolchain.mjs";
import { countTests } from "./terminal/counting.mjs";
import { Failure } from "./terminal/failure.mjs";
import { run } from "./terminal/run.mjs";
import { bold, command, step } from "./terminal/steps.mjs";
import { diagnostics } from "./worker/diagnostics.mjs";
import { checkDeployment } from "./worker/size.mjs";

/** Made-up requests that are compared with a naive evaluator's answers. A plain `cargo test` makes a tenth of them. */
const MADE_UP_CASES = "100000";

const total = { passed: 0, failed: 0 };
const summary = [];

/** The tests' own output is shown as it comes. */
async function suite(title, program, parameters, environment) {
  console.log(`\n${bold(title)}`);
  const options = { cwd: root, env: environment, allowFailure: true, onLine: console.log };
  const { code, output } = await run(program, parameters, options);
  const { passed, failed } = countTests(output);
  if (code !== 0) throw new Failure(`${title}: failed.`);
  total.passed += passed;
  total.failed += failed;
  summary.push(`${title} (${passed})`);
}

/** Compiling takes much longer than testing, so it is a step of its own. */
async function cargoSuite(title, parameters, environment) {
  const colored = { ...environment, CARGO_TERM_COLOR: process.stdout.isTTY ? "always" : "never" };
  await step(`${title}, compiled`, async (progress) => {
    const options = { cwd: root, env: colored, allowFailure: true, onLine: progress };
    const { code, output } = await run("cargo", ["test", "--no-run", ...parameters], options);
    if (code !== 0) throw new Failure(`${title} could not be compiled:`, `\n${diagnostics(output)}`);
  });
  await suite(title, "cargo", ["test", "--no-fail-fast", ...parameters], colored);
}

/** Only the files that exist, so that a runner is never started for nothing. */
const found = (pattern) => fs.globSync(pattern, { cwd: root }).sort();

async function wasmTests() {
  if (!fs.existsSync(join(root, "tests", "wasm.rs"))) return;
  const environment = await prepareTools();
  // In release and with worker-build's own setting, so that the dependencies of the Worker need not be built again.
  await cargoSuite("WebAssembly tests", ["--release", "--target", TARGET, "--test", "wasm"], {
    ...environment,
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: environment.WASM_BINDGEN_TEST_RUNNER,
    WASM_BINDGEN_USE_JS_SYS: "1",
  });
}

await command(async () => {
  await prepare(projectOf({}));
  await step("wrangler deploy --dry-run", async () => {
    const size = await checkDeployment();
    total.passed += 1;
    summary.push(`deployable (${size})`);
    return { remark: size };
  });
  await cargoSuite("Native tests", ["--quiet"], { SELVEDGE_CASES: MADE_UP_CASES, ...process.env });
  await wasmTests();
  const files = ["scripts", "e2e", "postgres"].flatMap((folder) => found(`tests/${folder}/*.test.mjs`));
  await suite("Tests under Node", node, ["--disable-warning=ExperimentalWarning", "--test", ...files], process.env);
  console.log(`\nAll tests passed: ${summary.join(", ")}.\n${total.passed} passed, ${total.failed} failed`);
});

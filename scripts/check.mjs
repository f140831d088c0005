// `npm run check`: formatting and lints. A warning is an error here.

import fs from "node:fs";
import { join } from "node:path";

import { preparePackages, prepareTools } from "./setup/prepare.mjs";
import { root } from "./setup/project.mjs";
import { TARGET } from "./setup/toolchain.mjs";
import { node } from "./setup/packages.mjs";
import { Failure } from "./terminal/failure.mjs";
import { run } from "./terminal/run.mjs";
import { command, step } from "./terminal/steps.mjs";
import { diagnostics } from "./worker/diagnostics.mjs";

const DENY_WARNINGS = ["--", "--deny", "warnings"];

async function check(title, program, parameters, environment = process.env) {
  await step(title, async (progress) => {
    const color = process.stderr.isTTY ? "always" : "never";
    const result = await run(program, parameters, {
      cwd: root,
      env: { ...environment, CARGO_TERM_COLOR: color },
      allowFailure: true,
      onLine: progress,
    });
    if (result.code !== 0) throw new Failure(`${title}:`, `\n${diagnostics(result.output)}`);
  });
}

/** In release, so that what the Worker's build script needs is built already. Native tests do not exist there. */
function clippyForWasm(environment) {
  const tests = fs.existsSync(join(root, "tests", "wasm.rs")) ? ["--test", "wasm"] : [];
  const parameters = ["clippy", "--release", "--target", TARGET, "--lib", ...tests, ...DENY_WARNINGS];
  // A plain `cargo clippy` may find another toolchain's clippy first.
  const program = environment.SELVEDGE_RUST === "debian" ? "/usr/bin/cargo-clippy" : "cargo";
  const cargo = environment.SELVEDGE_RUST === "debian" ? { CARGO: "/usr/bin/cargo" } : {};
  return check("clippy for WebAssembly", program, parameters, {
    ...environment,
    ...cargo,
    WASM_BINDGEN_USE_JS_SYS: "1",
  });
}

async function checkScripts() {
  const files = fs.globSync("{scripts,tests}/**/*.mjs", { cwd: root });
  const results = await Promise.all(
    files.map((file) => run(node, ["--check", file], { cwd: root, allowFailure: true })),
  );
  const failed = results.find(({ code }) => code !== 0);
  if (failed) throw new Failure("A script cannot be parsed:", failed.output);
}

await command(async () => {
  await preparePackages();
  await step("Scripts parse", checkScripts);
  await check("rustfmt", "cargo", ["fmt", "--check"]);
  await check("clippy", "cargo", ["clippy", "--all-targets", ...DENY_WARNINGS]);
  await clippyForWasm(await prepareTools());
});

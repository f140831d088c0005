// Compiles the crate to WebAssembly and wraps it as a Worker.

import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { buildVariables, root } from "../setup/project.mjs";
import { Failure } from "../terminal/failure.mjs";
import { run } from "../terminal/run.mjs";
import { compact } from "./compact.mjs";
import { diagnostics, warnings } from "./diagnostics.mjs";
import { buildInputs, fingerprint } from "./inputs.mjs";
import { alone } from "./lock.mjs";
import { withoutNames } from "./wasm.mjs";

/** What is served, and what of the staging folder that is. The Wasm first: a reader of the script must find the Wasm that belongs to it. */
const PRODUCTS = new Map([
  ["index_bg.wasm", "index_bg.wasm"],
  ["index.js", "entry.js"],
]);
const entry = join(root, "src", "cloudflare", "entry.js");

const stampOf = (project) => join(project.workspace, "build.sha256");
const stagingOf = (project) => join(project.workspace, "staging");
const stagedSchemaOf = (project) => join(project.workspace, "schema.staged.sql");

/** How much a build cares for size: `quick` spares the longest step of a rebuild, for the Worker on this machine. */
export const FULL = "full";
export const QUICK = "quick";

export function isBuilt(project, grades = [FULL]) {
  const stamp = stampOf(project);
  const products = [...[...PRODUCTS.keys()].map((name) => join(project.built, name)), project.translated];
  if (![stamp, ...products].every((path) => existsSync(path))) return false;
  const [made, grade] = readFileSync(stamp, "utf8").split(" ");
  return grades.includes(grade) && made === fingerprint(buildInputs(project));
}

/** The compilers and tools, as the environment in which they find each other. */
export function buildEnvironment(toolchain, tools) {
  const inModules = (name) => join(root, "node_modules", ".bin", name);
  return {
    ...toolchain,
    WASM_BINDGEN_BIN: tools["wasm-bindgen"],
    WASM_BINDGEN_TEST_RUNNER: tools["wasm-bindgen-test-runner"],
    WORKER_BUILD_BIN: tools["worker-build"],
    ESBUILD_BIN: inModules("esbuild"),
    // Without this a client that hangs up leaves its request's future behind for good.
    RUN_TO_COMPLETION: "1",
    RUST_BACKTRACE: "0",
    CARGO_TERM_COLOR: process.stderr.isTTY ? "always" : "never",
  };
}

/**
 * Builds into a folder aside, so that the Worker being served stays whole until the new one is complete.
 * Returns what the compilers warn of, the schema as its database must execute it, and the function which puts the
 * new Worker and that schema in their place.
 */
export async function build(project, environment, progress, grade = FULL) {
  return alone(progress, async () => {
    const made = fingerprint(buildInputs(project));
    const staging = stagingOf(project);
    const parameters = ["--release", "--no-opt", "--out-dir", relative(root, staging)];
    const result = await run(environment.WORKER_BUILD_BIN, parameters, {
      cwd: root,
      env: translationVariables(project, environment),
      allowFailure: true,
      onLine: progress,
      name: "worker-build",
    });
    if (result.code !== 0) throw new Failure("The Worker could not be built:", `\n${diagnostics(result.output)}`);
    if (grade === FULL) await compact(join(staging, "index_bg.wasm"), environment);
    await enter(staging, environment);
    return {
      warnings: warnings(result.output),
      translated: stagedSchemaOf(project),
      publish: () => publish(project, staging, `${made} ${grade}`),
    };
  });
}

/** Cargo does not run the build script again when one of the files that it generated is missing. */
function translationVariables(project, environment) {
  const staged = stagedSchemaOf(project);
  const again = existsSync(staged) ? {} : { SELVEDGE_TRANSLATED_AGAIN: String(Date.now()) };
  return { ...buildVariables(project, environment), SELVEDGE_TRANSLATED: staged, ...again };
}

/**
 * The schema as the database executes it. Where the Worker is not built, the compilers only check the crate: that
 * runs the build script and spares the rest.
 */
export async function translatedSchema(project, environment, progress) {
  const grades = [FULL, QUICK];
  if (isBuilt(project, grades)) return readFileSync(project.translated, "utf8");
  return alone(progress, async () => {
    const parameters = ["check", "--quiet", "--release", "--lib", "--target", "wasm32-unknown-unknown"];
    const options = { cwd: root, env: translationVariables(project, environment), allowFailure: true, onLine: progress };
    const result = await run("cargo", parameters, { ...options, name: "cargo check" });
    if (result.code !== 0) throw new Failure("The schema could not be translated:", `\n${diagnostics(result.output)}`);
    return readFileSync(stagedSchemaOf(project), "utf8");
  });
}

/** Puts the project's own entry in front of the one that worker-build has made. */
function enter(staging, environment) {
  const made = `--alias:worker-build=${join(staging, "index.js")}`;
  const external = ["--external:./index_bg.wasm", "--external:cloudflare:*"];
  const output = `--outfile=${join(staging, "entry.js")}`;
  return run(environment.ESBUILD_BIN, [entry, "--bundle", "--minify", "--format=esm", "--log-level=warning", made, ...external, output], { cwd: root });
}

function publish(project, staging, stamp) {
  mkdirSync(project.built, { recursive: true });
  rmSync(stampOf(project), { force: true });
  for (const [name, source] of PRODUCTS) {
    const target = join(project.built, name);
    const bytes = readFileSync(join(staging, source));
    writeFileSync(`${target}.new`, name.endsWith(".wasm") ? withoutNames(bytes) : bytes);
    renameSync(`${target}.new`, target);
  }
  copyFileSync(stagedSchemaOf(project), project.translated);
  writeFileSync(stampOf(project), stamp);
}

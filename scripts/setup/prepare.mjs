// Everything that must be there before a Worker can be served or tested, each part only where it is missing.

import { build, buildEnvironment, isBuilt } from "../worker/build.mjs";
import { step } from "../terminal/steps.mjs";
import { continueUnderProjectNode, continued } from "./node.mjs";
import { installPackages } from "./packages.mjs";
import { cargoTools } from "./cargo-tools.mjs";
import { requireFiles } from "./project.mjs";
import { wasmToolchain } from "./toolchain.mjs";

export async function prepare(project, grades) {
  requireFiles(project);
  await preparePackages();
  await prepareWorker(project, grades);
}

/** `grades` says which builds will do where one is there; a missing one is always built in full. */
export async function prepareWorker(project, grades) {
  if (isBuilt(project, grades)) return step("Worker", () => ({ remark: "built already" }));
  const environment = await prepareTools();
  await step("Worker, compiled to WebAssembly", async (progress) => {
    const { publish, warnings } = await build(project, environment, progress);
    publish();
    return { notes: warnings };
  });
}

/** The packages bring a Node, under which everything after this runs. */
export async function preparePackages() {
  if (!continued) await step("Node packages", installPackages);
  await continueUnderProjectNode();
}

export async function prepareTools() {
  let toolchain;
  let tools;
  await step("Rust's target for WebAssembly", async (progress) => {
    const { environment, remark } = await wasmToolchain(progress);
    toolchain = environment;
    return { remark };
  });
  await step("wasm-bindgen and worker-build", async (progress) => {
    tools = await cargoTools(toolchain, progress);
  });
  return buildEnvironment(toolchain, tools);
}

/** The same without a word, for what is not set up for the first time. */
export async function findTools() {
  const quietly = () => {};
  const { environment } = await wasmToolchain(quietly);
  return buildEnvironment(environment, await cargoTools(environment, quietly));
}

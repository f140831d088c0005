// Everything that must be there before a Worker can be served or tested, each part only where it is missing.

import { build, buildEnvironment, isBuilt } from "../worker/build.mjs";
import { step } from "../terminal/steps.mjs";
import { continueUnderProjectNode, continued } from "./node.mjs";
import { installPackages } from "./packages.mjs";
import { requireFiles } from "./project.mjs";

export async function prepare(project) {
  requireFiles(project);
  await preparePackages();
  if (isBuilt(project)) return step("Worker", () => "built already");
  const environment = await prepareTools();
  await step("Worker, compiled to WebAssembly", async (progress) => {
    const publish = await build(project, environment, progress);
    publish();
  });
}

/** The packages bring a Node, under which everything after this runs. */
export async function preparePackages() {
  if (!continued) await step("Node packages", installPackages);
  await continueUnderProjectNode();
}

export async function prepareTools() {
  let environment;
  await step("Rust for WebAssembly, worker-build, wasm-bindgen", async (progress) => {
    environment = await buildEnvironment(progress);
  });
  return environment;
}

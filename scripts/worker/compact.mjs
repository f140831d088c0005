// How small the Worker is made. What every isolate loads is sent gzipped, and gzip knows best what is said the same way
// everywhere: a function that stays a function is smaller than its copies, each with other locals.

import { join } from "node:path";

import { root } from "../setup/project.mjs";
import { run } from "../terminal/run.mjs";

/**
 * What comes out of wasm-bindgen has been optimized by LLVM. A function with one caller stays by itself, the data's zeros
 * stay in place, common expressions stay doubled, and functions of one module lie beside each other: all of it gzips better,
 * though some of it is larger. Nothing lies below address 1024, where the stack would end.
 */
const OPTIMIZER_FLAGS = [
  "-Oz",
  "--low-memory-unused",
  "--one-caller-inline-max-function-size=0",
  "--skip-pass=memory-packing",
  "--skip-pass=local-cse",
  "--reorder-functions-by-name",
];

/** What LLVM takes for granted of today's engines, and wasm-opt does not. */
const FEATURES = [
  "--enable-bulk-memory",
  "--enable-exception-handling",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
];

const wasmOpt = join(root, "node_modules", ".bin", "wasm-opt");

/** Makes the Wasm in that file smaller; its names go too. */
export function compact(file, environment) {
  const parameters = [file, "-o", file, ...FEATURES, ...OPTIMIZER_FLAGS];
  return run(wasmOpt, parameters, { cwd: root, env: environment, name: "wasm-opt" });
}

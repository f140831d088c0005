// worker-build and wasm-bindgen, which turn the compiled crate into a Worker.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { Failure } from "../terminal/failure.mjs";
import { run } from "../terminal/run.mjs";
import { root } from "./project.mjs";

const WORKER_BUILD_VERSION = "0.8.7";
const tools = join(root, ".tools");

/** The version of a crate in Cargo.lock. wasm-bindgen's command must have exactly the version of its library. */
export function lockedVersion(lock, crate) {
  const found = lock.match(new RegExp(`name = "${crate}"\nversion = "([^"]+)"`));
  if (!found) throw new Failure(`Cargo.lock has no entry for ${crate}.`);
  return found[1];
}

const wanted = () => [
  {
    program: "wasm-bindgen",
    crate: "wasm-bindgen-cli",
    version: lockedVersion(readFileSync(join(root, "Cargo.lock"), "utf8"), "wasm-bindgen"),
    // Its lock file has named a withdrawn version before, so it is not asked for.
    locked: [],
  },
  { program: "worker-build", crate: "worker-build", version: WORKER_BUILD_VERSION, locked: ["--locked"] },
];

/** Finds or installs the tools. Returns the path of each by its name. */
export async function cargoTools(toolchain, progress) {
  const found = {};
  for (const tool of wanted()) {
    found[tool.program] = (await find(tool)) ?? (await install(tool, toolchain, progress));
  }
  // What the tools were compiled from takes a gigabyte and serves nobody any more.
  rmSync(join(tools, "target"), { recursive: true, force: true });
  found["wasm-bindgen-test-runner"] = found["wasm-bindgen"].replace(/wasm-bindgen$/, "wasm-bindgen-test-runner");
  return found;
}

async function find({ program, version }) {
  const folders = [join(tools, "bin"), join(homedir(), ".cargo", "bin"), ...(process.env.PATH ?? "").split(delimiter)];
  for (const folder of new Set(folders)) {
    const path = join(folder, program);
    if (existsSync(path) && (await versionOf(path)) === version) return path;
  }
  return null;
}

async function versionOf(path) {
  const { stdout } = await run(path, ["--version"], { allowFailure: true });
  return stdout.match(/\d+\.\d+\.\d+/)?.[0];
}

/** Unoptimized tools take a second longer to run and minutes less to build. */
async function install({ program, crate, version, locked }, toolchain, progress) {
  await run("cargo", ["install", crate, "--version", `=${version}`, ...locked, "--root", tools, "--debug", "--force"], {
    cwd: root,
    env: { ...toolchain, CARGO_PROFILE_DEV_DEBUG: "0", CARGO_TARGET_DIR: join(tools, "target") },
    name: `cargo install ${crate}`,
    onLine: (line) => progress(`${crate}: ${line}`),
  });
  return join(tools, "bin", program);
}

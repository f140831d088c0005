// A Rust compiler that can make WebAssembly: the one that is there, with the target added where it is missing.

import { existsSync, readdirSync } from "node:fs";

import { Failure } from "../terminal/failure.mjs";
import { answers, run } from "../terminal/run.mjs";
import { debianEnvironment, installDebianToolchain } from "./debian.mjs";

export const TARGET = "wasm32-unknown-unknown";

const ADVICE = [
  `With rustup:    rustup target add ${TARGET}`,
  "On Debian 12 or later, as root, these scripts build it from Debian's packages:",
  "                apt-get install rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy lld-22",
].join("\n");

/**
 * Returns the environment in which `cargo` compiles for the target, and a remark for the reader. The ways are tried
 * in order, each only when the one before cannot: the target is there already; rustup fetches it; it is built from
 * the sources in Debian's packages.
 */
export async function wasmToolchain(progress) {
  await requireCompilers();
  const debian = debianEnvironment();
  for (const environment of [process.env, debian]) {
    if (environment && (await hasTarget(environment))) return { environment, remark: "there already" };
  }
  progress(`rustup target add ${TARGET}`);
  await answers("rustup", ["target", "add", TARGET], { onLine: progress });
  if (await hasTarget(process.env)) return { environment: process.env, remark: "added by rustup" };
  await installDebianToolchain(progress);
  const installed = debianEnvironment();
  if (installed && (await hasTarget(installed)))
    return { environment: installed, remark: "built from Debian's packages" };
  throw new Failure(`Rust cannot compile to WebAssembly here: its target ${TARGET} is missing.`, ADVICE);
}

export async function requireCompilers() {
  if (!(await answers("cargo", ["--version"]))) {
    throw new Failure(
      "Rust is not installed: there is no `cargo` on PATH.",
      "Install it from https://rustup.rs, open a new terminal, and try again.",
    );
  }
  if (!(await answers("cc", ["--version"]))) {
    throw new Failure(
      "There is no C compiler: `cc` is not on PATH.",
      "Debian and Ubuntu: apt-get install build-essential\nmacOS: xcode-select --install",
    );
  }
}

async function hasTarget(environment) {
  const { code, stdout } = await run("rustc", ["--print", "target-libdir", "--target", TARGET], {
    env: environment,
    allowFailure: true,
  });
  const folder = stdout.trim();
  if (code !== 0 || !existsSync(folder)) return false;
  const names = readdirSync(folder);
  return ["libstd-", "libtest-"].every((library) => names.some((name) => name.startsWith(library)));
}

// Debian's security updates carry a recent Rust, made for building browsers, with its sources. Where rustup cannot
// reach its server, std for WebAssembly is built from these sources, once.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { answers, run } from "../terminal/run.mjs";
import { root } from "./project.mjs";

const TARGET = "wasm32-unknown-unknown";
const PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy", "lld-22"];
const LIBRARIES = `/usr/lib/rustlib/${TARGET}/lib`;

/** Which compiler the libraries were built by: those of another version are useless to it. */
const BUILT_BY = join(LIBRARIES, "built-by.txt");

/** Debian's compiler before any other on PATH; null where std was not built for it. */
export function debianEnvironment() {
  if (!existsSync(BUILT_BY) || readFileSync(BUILT_BY, "utf8") !== packageVersion()) return null;
  return withDebianFirst();
}

/** After the project's own programs: Debian's Node is too old for some of them. */
const withDebianFirst = () => {
  const path = [join(root, "node_modules", ".bin"), "/usr/bin", process.env.PATH];
  return { ...process.env, PATH: path.join(":"), SELVEDGE_RUST: "debian" };
};

/** The installed version as the package manager's own files tell it: asking costs no process. */
function packageVersion() {
  if (!existsSync("/var/lib/dpkg/status")) return "";
  const status = readFileSync("/var/lib/dpkg/status", "utf8");
  return status.match(/^Package: rustc-web\nStatus: install ok installed\n(?:.+\n)*?Version: (.+)$/m)?.[1] ?? "";
}

/** Does nothing where it cannot: on another system, or without the right to install. */
export async function installDebianToolchain(progress) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !(await answers("apt-get", ["--version"]))) return;
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  progress("apt-get update");
  await answers("apt-get", ["update"], { env: environment, onLine: progress });
  const install = ["install", "--yes", "--no-install-recommends", ...PACKAGES];
  if (!(await answers("apt-get", install, { env: environment, onLine: progress }))) return;
  await buildStandardLibrary(progress);
}

/** Builds std as the dependency of an empty crate, with the bitcode that link-time optimization needs. */
async function buildStandardLibrary(progress) {
  const folder = mkdtempSync(join(tmpdir(), "selvedge-std-"));
  try {
    mkdirSync(join(folder, "src"));
    writeFileSync(
      join(folder, "Cargo.toml"),
      '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n',
    );
    writeFileSync(join(folder, "src", "lib.rs"), "#![no_std]\n");
    await run("/usr/bin/cargo", ["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort,test"], {
      cwd: folder,
      env: {
        ...withDebianFirst(),
        RUSTC_BOOTSTRAP: "1",
        RUSTFLAGS: "-Cembed-bitcode=yes",
        CARGO_TARGET_DIR: join(folder, "target"),
      },
      name: "Building Rust's standard library for WebAssembly",
      onLine: (line) => progress(`std: ${line}`),
    });
    install(join(folder, "target", TARGET, "release", "deps"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function install(built) {
  rmSync(LIBRARIES, { recursive: true, force: true });
  mkdirSync(LIBRARIES, { recursive: true });
  for (const name of readdirSync(built)) {
    if (name.endsWith(".rlib") && !name.startsWith("libempty-")) copyFileSync(join(built, name), join(LIBRARIES, name));
  }
  writeFileSync(BUILT_BY, packageVersion());
}

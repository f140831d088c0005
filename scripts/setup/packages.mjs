// The Node packages, and the Node which runs them.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { Failure } from "../terminal/failure.mjs";
import { run } from "../terminal/run.mjs";
import { root } from "./project.mjs";

const inModules = (...path) => join(root, "node_modules", ...path);

/**
 * wrangler needs a newer Node than many machines have, so the project brings its own as a package. Where npm may not
 * run that package's installation script, the machine's own must do.
 */
export const packagedNode = inModules(".bin", "node");
export const node = existsSync(packagedNode) ? packagedNode : process.execPath;
export const wrangler = inModules("wrangler", "bin", "wrangler.js");

/** npm writes this file last, so it is newer than the lock file only after a complete installation. */
const installed = inModules(".package-lock.json");

function upToDate() {
  if (!existsSync(installed) || !existsSync(wrangler)) return false;
  return statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
}

export async function installPackages(progress) {
  if (upToDate()) return { remark: "up to date" };
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root, onLine: progress, name: "npm ci" });
  if (!upToDate())
    throw new Failure(
      "npm ci ended well, but wrangler is not in node_modules.",
      "Is NODE_ENV or npm's `omit` set to leave out development packages?",
    );
  return { remark: "installed" };
}

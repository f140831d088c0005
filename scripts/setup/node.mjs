// On a fresh machine `npm start` begins under whatever Node is there. Once the project's own is installed the
// script is run again under it, for wrangler and SQLite need it. Later starts find it first on npm's PATH.

import { existsSync } from "node:fs";

import { start } from "../terminal/processes.mjs";
import { Failure } from "../terminal/failure.mjs";
import { packagedNode } from "./packages.mjs";

const NEEDED = [22, 13]; // The first whose SQLite needs no flag.
const GRACE_MILLISECONDS = 10_000;
const MARK = "SELVEDGE_CONTINUED";

export const continued = process.env[MARK] === "1";

function isEnough([major, minor]) {
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

export async function continueUnderProjectNode() {
  if (isEnough(process.versions.node.split(".").map(Number))) return;
  if (!existsSync(packagedNode)) {
    throw new Failure(
      `Node ${process.versions.node} is too old, and npm did not install the project's own.`,
      `Install Node ${NEEDED.join(".")} or newer.`,
    );
  }
  const child = start(packagedNode, process.argv.slice(1), {
    stdio: "inherit",
    env: { ...process.env, [MARK]: "1" },
    grace: GRACE_MILLISECONDS,
  });
  const { code } = await child.ended;
  process.exit(code ?? 1);
}

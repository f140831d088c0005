// Tells when one of the files that a Worker is made of has changed.

import { existsSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

import { buildInputs, fingerprint } from "./inputs.mjs";

const QUIET_MILLISECONDS = 200;

/**
 * Calls `onChange` when files were saved and then left alone for a moment. Never twice at once: what is saved
 * while it runs is seen after it.
 */
export function watchInputs(project, onChange) {
  const inputs = buildInputs(project);
  let seen = fingerprint(inputs);
  let timer = null;
  let busy = false;

  async function look() {
    if (busy) return;
    const now = fingerprint(inputs);
    if (now === seen) return;
    seen = now;
    busy = true;
    await onChange();
    busy = false;
    await look();
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, QUIET_MILLISECONDS);
  };
  for (const input of inputs.filter((input) => existsSync(dirname(input)))) {
    if (statSync(input, { throwIfNoEntry: false })?.isDirectory()) watch(input, { recursive: true }, soon);
    // Editors replace a file by another one, and functions.sql may not be there yet, so its folder is watched.
    else watch(dirname(input), (_, name) => (name === null || name === basename(input)) && soon());
  }
}

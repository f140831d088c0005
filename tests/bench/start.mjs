// How large the Worker is and how long it takes to be there.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { contender } from "./contenders.mjs";
import { once } from "./load.mjs";
import { median } from "./measure.mjs";
import { ROUTES, complete } from "./routes.mjs";

/** Bytes of a file, plain and gzipped. */
export function size(path) {
  const bytes = readFileSync(path);
  return { raw: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
}

/**
 * Milliseconds from the start of workerd until it listens, for which it has compiled and evaluated the Worker, and from
 * there to the end of the first request; medians.
 */
export async function startTimes(name, count) {
  const starts = [];
  const firsts = [];
  for (let time = 0; time < count; time++) {
    const served = await contender(name);
    const request = complete(ROUTES[1][name][0]);
    const began = performance.now();
    await once(served.port, request);
    firsts.push(performance.now() - began);
    starts.push(served.startMilliseconds);
    await served.end();
  }
  return { start: median(starts), first: median(firsts) };
}

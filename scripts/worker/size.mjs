// What a deployment would upload, as wrangler itself measures it, without an account.

import { runWrangler } from "../database/wrangler.mjs";
import { Failure } from "../terminal/failure.mjs";

export const GZIP_LIMIT_KILOBYTES = 450;
const KIBIBYTE = 1024 / 1000;

/** The gzipped size in kB from wrangler's line "Total Upload: 145.90 KiB / gzip: 51.40 KiB". */
export function gzipKilobytes(output) {
  const found = output.match(/gzip:\s*([\d.]+)\s*KiB/);
  if (!found) throw new Failure("wrangler did not tell the size of the upload:", output);
  return Number(found[1]) * KIBIBYTE;
}

export async function checkDeployment() {
  const { output } = await runWrangler(["deploy", "--dry-run"]);
  const size = gzipKilobytes(output);
  if (size > GZIP_LIMIT_KILOBYTES) {
    throw new Failure(
      `The Worker has ${size.toFixed(1)} kB gzipped. The limit of this project is ${GZIP_LIMIT_KILOBYTES} kB.`,
    );
  }
  return `${size.toFixed(1)} kB gzipped of at most ${GZIP_LIMIT_KILOBYTES} kB`;
}

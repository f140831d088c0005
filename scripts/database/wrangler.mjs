// D1 through wrangler, the local database and the one at Cloudflare alike.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { root } from "../setup/project.mjs";
import { node, wrangler } from "../setup/packages.mjs";
import { Failure } from "../terminal/failure.mjs";
import { lastLines, run } from "../terminal/run.mjs";

export const QUIET = {
  CI: "1",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  NO_COLOR: "1",
};

/** Runs wrangler under the project's own Node. */
export function runWrangler(parameters, { env = {}, ...options } = {}) {
  return run(node, [wrangler, ...parameters], {
    cwd: root,
    name: `wrangler ${parameters[0]}`,
    ...options,
    env: { ...process.env, ...QUIET, ...env },
  });
}

/** A database: `execute` runs several statements as one transaction and returns the rows of each. */
export const localDatabase = (configuration, state) =>
  database(["--config", configuration, "--local", "--persist-to", state]);
export const remoteDatabase = (configuration) => database(["--config", configuration, "--remote"]);

function database(where) {
  return {
    async query(sql) {
      const { stdout } = await execute([...where, "--json", "--command", sql]);
      const start = stdout.indexOf("[");
      return JSON.parse(stdout.slice(start)).map(({ results }) => results);
    },
    async execute(sql) {
      const folder = mkdtempSync(join(tmpdir(), "selvedge-sql-"));
      try {
        const file = join(folder, "statements.sql");
        writeFileSync(file, sql);
        await execute([...where, "--yes", "--file", file]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

async function execute(parameters) {
  const result = await runWrangler(["d1", "execute", "DB", ...parameters], { allowFailure: true });
  if (result.code !== 0)
    throw new Failure(
      "The statements did not reach the database, or it refused them; nothing was changed:",
      reason(result.output),
    );
  return result;
}

/** wrangler's `--json` reports an error as JSON, its other outputs as a line with [ERROR]. */
function reason(output) {
  const text = output.replace(/\x1b\[[0-9;]*m/g, "");
  const json = text.match(/"text":\s*("(?:[^"\\]|\\.)*")/)?.[1];
  const line = text.match(/\[?ERROR\]?\s+(.+)/)?.[1];
  return json ? JSON.parse(json) : (line ?? lastLines(text, 10));
}

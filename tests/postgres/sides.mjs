// Both sides of a file of tests: Selvedge's judge and PostgreSQL.

import { after, before } from "node:test";

import { startJudge } from "./judge.mjs";
import { startPostgres } from "./pglite.mjs";

/** `{ judge, postgres }`, which are started before the tests of a file or suite and ended after them. */
export function sidesOfTests() {
  const sides = {};
  before(async () => {
    sides.judge = startJudge();
    sides.postgres = await startPostgres();
  });
  after(async () => {
    sides.judge?.close();
    await sides.postgres?.close();
  });
  return sides;
}

// Each known difference from PostgreSQL is still there, and the docs list all of them.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { root } from "../../scripts/setup/project.mjs";
import { judgeBoth, report } from "./compare.mjs";
import { DIFFERENCES, READ_DIFFERENCES } from "./differences.mjs";
import { startJudge } from "./judge.mjs";
import { startPostgres } from "./pglite.mjs";
import { settleReads, readBoth } from "./reads.mjs";
import { settle, world } from "./world.mjs";

const BEGIN = "<!-- differences: written by tests/postgres/differences.test.mjs -->\n";
const END = "<!-- end of differences -->\n";
const PAGE = join(root, "docs", "policies.md");

let postgres;
let judge;

before(async () => {
  judge = startJudge();
  postgres = await startPostgres();
});

after(async () => {
  judge?.close();
  await postgres?.close();
});

for (const { id, example, kind, collation, applies } of DIFFERENCES) {
  test(`${id} still differs`, async () => {
    const sides = { postgres, judge, world: world(1, { collation }) };
    await settle(postgres, sides.world);
    const [found] = await judgeBoth(sides, [example]);
    assert.equal(found.kind, kind, found.kind === "equal" ? `${example} is equal: take it off the list` : report(found));
    // That depends on a tree, which the example has not.
    assert.ok(applies({ ...found, isUnreached: found.rows?.every((id) => found.postgres.raised.includes(id)) }), "the list knows its own example");
  });
}

for (const difference of READ_DIFFERENCES) {
  test(`${difference.id} still differs`, async () => {
    const { query, sql } = difference;
    const here = await settleReads(postgres, 1);
    const [found] = await readBoth({ postgres, judge, world: here }, [{ kind: "example", query, sql, isOrdered: true, labels: [] }]);
    assert.notEqual(found.outcome, "equal", `${query} is equal: take it off the list`);
    assert.ok(difference.applies(found), "the list knows its own example");
  });
}

test("docs/policies.md lists the differences", () => {
  const row = ({ meaning, reason, example }) => `| ${meaning} | \`${example}\` | ${reason} |\n`;
  const table = `| Of | Example | Why |\n|---|---|---|\n${DIFFERENCES.map(row).join("")}`;
  const page = readFileSync(PAGE, "utf8");
  const [before, rest] = page.split(BEGIN);
  const wanted = `${before}${BEGIN}${table}${END}${rest.split(END)[1]}`;
  if (process.env.UPDATE_EXPECT) writeFileSync(PAGE, wanted);
  else assert.equal(page, wanted, "docs/policies.md is not current: run with UPDATE_EXPECT=1");
});

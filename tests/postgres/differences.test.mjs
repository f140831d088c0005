// Each known difference from PostgreSQL is still there, and the docs list all of them.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { root } from "../../scripts/setup/project.mjs";
import { judgeBoth, report } from "./compare.mjs";
import { DIFFERENCES, READ_DIFFERENCES } from "./differences.mjs";
import { settleReads, readBoth } from "./reads.mjs";
import { sidesOfTests } from "./sides.mjs";
import { settle, world } from "./world.mjs";

const BEGIN = "<!-- differences: written by tests/postgres/differences.test.mjs -->\n";
const END = "<!-- end of differences -->\n";

const both = sidesOfTests();

/** An example is about what its entry says. */
const EXAMPLE_LABELS = ["order by int4[]", "json eq", "min uuid", "sum time", "cast bytea to integer", "order by jsonb", "cast jsonb to text", "cast float4 to text", "avg int4::text", "bytea like"];

for (const { id, example, kind, collation, applies } of DIFFERENCES) {
  test(`${id} still differs`, async () => {
    const sides = { ...both, world: world(1, { collation }) };
    await settle(both.postgres, sides.world);
    const [found] = await judgeBoth(sides, [example]);
    assert.equal(found.kind, kind, found.kind === "equal" ? `${example} is equal: take it off the list` : report(found));
    // That depends on a tree, which the example has not.
    assert.ok(applies({ ...found, isUnreached: found.rows?.every((id) => found.postgres.raised.includes(id)) }), "the list knows its own example");
  });
}

for (const difference of READ_DIFFERENCES) {
  test(`${difference.id} still differs`, async () => {
    const { query, sql } = difference;
    const here = await settleReads(both.postgres, 1);
    const [found] = await readBoth({ ...both, world: here }, [{ kind: "example", query, sql, isOrdered: true, labels: EXAMPLE_LABELS }]);
    assert.notEqual(found.outcome, "equal", `${query} is equal: take it off the list`);
    assert.ok(difference.applies(found), "the list knows its own example");
  });
}

/** Holds the table between the marks of a page. */
function assertPage(name, table) {
  const path = join(root, "docs", name);
  const page = readFileSync(path, "utf8");
  const [before, rest] = page.split(BEGIN);
  const wanted = `${before}${BEGIN}${table}${END}${rest.split(END)[1]}`;
  if (process.env.UPDATE_EXPECT) writeFileSync(path, wanted);
  else assert.equal(page, wanted, `docs/${name} is not current: run with UPDATE_EXPECT=1`);
}

test("docs/policies.md lists the differences", () => {
  const row = ({ meaning, reason, example }) => `| ${meaning} | \`${example}\` | ${reason} |\n`;
  assertPage("policies.md", `| Of | Example | Why |\n|---|---|---|\n${DIFFERENCES.map(row).join("")}`);
});

test("docs/rest.md lists the differences of reads", () => {
  const row = ({ reason, query }) => `| \`${query}\` | ${reason} |\n`;
  assertPage("rest.md", `| Example | Here |\n|---|---|\n${READ_DIFFERENCES.map(row).join("")}`);
});

// Shows what both sides make of expressions: node tests/postgres/try.mjs "i1 = '1'" "t1 ilike 'a%'"

import { isDifference, judgeBoth, report } from "./compare.mjs";
import { startJudge } from "./judge.mjs";
import { startPostgres } from "./pglite.mjs";
import { settle, world } from "./world.mjs";

const postgres = await startPostgres();
const judge = startJudge();
const sides = { postgres, judge, world: world(Number(process.env.SELVEDGE_SEED ?? 1)) };
await settle(postgres, sides.world);
for (const found of await judgeBoth(sides, process.argv.slice(2))) {
  if (isDifference(found)) console.log(report(found));
  else console.log(`${found.kind}:\n    ${found.sql}`, { postgres: found.postgres, here: found.ours });
}
judge.close();
await postgres.close();

// What PostgreSQL and Selvedge make of the same expressions.

const FORBIDDEN = ["builds", "leaks", "hides", "raises"];

/** The ways to differ, from the worst. */
export const KINDS = {
  leaks: "admits a row that PostgreSQL hides",
  builds: "builds, and PostgreSQL rejects it",
  hides: "hides a row that PostgreSQL admits",
  raises: "fails for a row that PostgreSQL judges",
};

/**
 * `postgres` is a verdict of `Postgres.judge`, `ours` one of `Judge.judge`. The result's `kind` is `equal`, `rejected`
 * (by both), `refused` (here alone) or one of `KINDS`, with the rows in question.
 */
export function compare(postgres, ours) {
  if (ours.refused) return { kind: postgres.rejected ? "rejected" : "refused" };
  if (postgres.rejected) return { kind: "builds", rows: ours.admitted };
  const leaked = ours.admitted.filter((id) => !postgres.admitted.includes(id));
  if (leaked.length > 0) return { kind: "leaks", rows: leaked };
  const judged = (ours.raised ?? []).filter((id) => !postgres.raised.includes(id));
  if (judged.length > 0) return { kind: "raises", rows: judged };
  const hidden = postgres.admitted.filter((id) => !ours.admitted.includes(id));
  if (hidden.length > 0) return { kind: "hides", rows: hidden };
  return { kind: "equal" };
}

export const isDifference = ({ kind }) => FORBIDDEN.includes(kind);

/** Puts the expressions to both at once: PostgreSQL runs in this process, Selvedge in another. */
export async function judgeBoth(sides, expressions) {
  const { postgres, judge, world } = sides;
  const ours = judge.judge(world, expressions, sides.options);
  const theirs = await postgres.judge(world.table, sides.perturb ? expressions.map(sides.perturb) : expressions);
  const answers = await ours;
  return expressions.map((sql, index) => {
    const [ofPostgres, ofOurs] = [theirs[index], answers[index]];
    return { sql, postgres: ofPostgres, ours: ofOurs, ...compare(ofPostgres, ofOurs) };
  });
}

/** A difference, for people. */
export function report({ sql, kind, rows, postgres, ours }) {
  const theirs = postgres.rejected ? `rejects it: ${postgres.rejected}` : `admits ${postgres.admitted.join(",") || "none"}`;
  const failing = (side) => (side.raised?.length > 0 ? `; fails for ${side.raised.join(",")}: ${side.error}` : "");
  return [
    `${KINDS[kind]}${rows?.length > 0 ? ` (${rows.join(",")})` : ""}:`,
    `    ${sql}`,
    `  PostgreSQL ${theirs}${failing(postgres)}`,
    `  here       admits ${ours.admitted.join(",") || "none"}${failing(ours)}`,
    `  SQL        ${ours.sql}`,
  ].join("\n");
}

// Reads, put to the REST API and, as SQL, to PostgreSQL.

import assert from "node:assert/strict";

import { settle, world } from "./world.mjs";

/** What the docs say is not there, or more than is allowed. */
const UNSUPPORTED = ["PGRST127", "54001", "54000"];
/** A value in a form that is not read here, or read otherwise: literals have tests of their own. */
const OF_VALUES = /^22/;

/** A number as it compares: integers with all their digits, others as far as doubles tell them apart. */
function parsed(json) {
  return JSON.parse(json, (_, value, { source }) => {
    if (typeof value !== "number") return value;
    if (/^-?\d+(\.0+)?$/.test(source)) return BigInt(source.replace(/\..*/, "")).toString();
    return String(Number(Number(source).toPrecision(14)));
  });
}

const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(",")}}`;
};

function rowsOf(json, isOrdered) {
  const rows = parsed(json).map(canonical);
  return isOrdered ? rows : rows.sort();
}

async function answerOfPostgres(postgres, { sql, isOrdered }) {
  try {
    const [[json]] = await postgres.rows(`select coalesce(json_agg(row_to_json(answered)), '[]')::text from (${sql}) answered`);
    return { rows: rowsOf(json, isOrdered) };
  } catch (error) {
    return { code: error.code, message: error.message };
  }
}

function answerOfOurs({ status, body }, isOrdered) {
  if (status < 300) return { rows: rowsOf(body, isOrdered) };
  const { code, message } = JSON.parse(body);
  return { code, message, status };
}

/** `equal`, `unsupported`, `unread` or what is wrong. */
function compareAnswers(theirs, ours) {
  if (theirs.code && ours.code) return ours.status >= 500 ? "fails" : "equal";
  if (theirs.code) return "accepts what PostgreSQL rejects";
  if (ours.code) {
    if (OF_VALUES.test(ours.code)) return "unread";
    return UNSUPPORTED.includes(ours.code) ? "unsupported" : "rejects what PostgreSQL accepts";
  }
  return JSON.stringify(theirs.rows) === JSON.stringify(ours.rows) ? "equal" : "other rows";
}

export const shortly = (answer) => (answer.code ? `${answer.code} ${answer.message}` : answer.rows.join(" ").slice(0, 300));

/** The tables for reads, with rows of their own. Their texts have the database's collation. */
export async function settleReads(postgres, seed) {
  const here = world(seed, { collation: "" });
  await settle(postgres, here);
  return here;
}

/** Each read with both answers and how they compare. */
export async function readBoth({ postgres, judge, world: { schema, policies, rows } }, reads) {
  const requests = reads.map(({ query }) => ({ line: `GET things?${query}` }));
  const all = `${policies}create policy "all" on things for select using (true);`;
  const asked = judge.ask({ ask: "rest", now: Date.now(), schema, policies: all, rows, requests });
  const answers = [];
  for (const one of reads) answers.push(await answerOfPostgres(postgres, one));
  const { answers: mine, refused } = await asked;
  assert.ok(!refused, JSON.stringify(refused));
  return reads.map((one, index) => {
    const [theirs, ours] = [answers[index], answerOfOurs(mine[index], one.isOrdered)];
    return { ...one, theirs, ours, outcome: compareAnswers(theirs, ours) };
  });
}

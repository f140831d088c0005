// Measures in rounds: in each, every contender has its turn for the same time, so that whatever else the machine does
// meets all of them alike. What is told is the median of the rounds, and ratios are those within a round.

import { Failure } from "../../scripts/terminal/failure.mjs";
import { encode, load, once } from "./load.mjs";
import { complete } from "./routes.mjs";
import { RESET } from "./rows.mjs";

export const median = (numbers) => quantile(numbers, 0.5);

export function quantile(numbers, share) {
  const sorted = [...numbers].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** The requests of one form of a route, to one Worker. */
export function lane(title, served, route, requests) {
  return { title, served, route, bytes: requests.map((request) => encode(complete(request))), requests };
}

async function turn({ served, route, bytes }, { connections, milliseconds, requestsMax }) {
  const before = served.processorTime();
  const { count, milliseconds: took, latencies } = await load({
    port: served.port,
    requests: bytes,
    status: route.status,
    connections,
    requestsMax,
    millisecondsMax: milliseconds,
  });
  const after = served.processorTime();
  if (route.status !== 200) await served.execute(RESET);
  return {
    perSecond: (count / took) * 1000,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    worker: (after.worker - before.worker) / count,
    database: (after.database - before.database) / count,
  };
}

/** Runs `lanes` against each other. Gives, for each, the median of every measure and of its ratio to `to`. */
export async function rounds(lanes, { to, count, warmMilliseconds = 0, ...limits }) {
  const results = new Map(lanes.map((lane) => [lane, []]));
  for (const lane of lanes) await turn(lane, { ...limits, milliseconds: warmMilliseconds });
  for (let round = 0; round < count; round++) {
    // Whoever is first in one round is last in another.
    const order = round % 2 === 0 ? lanes : [...lanes].reverse();
    for (const lane of order) results.get(lane).push(await turn(lane, limits));
  }
  const other = results.get(to);
  return lanes.map((lane) => {
    const own = results.get(lane);
    const each = (measure) => median(own.map(measure));
    return {
      lane,
      perSecond: each(({ perSecond }) => perSecond),
      p50: each(({ p50 }) => p50),
      p99: each(({ p99 }) => p99),
      worker: each(({ worker }) => worker),
      database: each(({ database }) => database),
      throughputRatio: median(own.map(({ perSecond }, round) => perSecond / other[round].perSecond)),
      workerRatio: median(own.map(({ worker }, round) => worker / other[round].worker)),
    };
  });
}

/** What one request asks of the database. */
export async function count({ served, requests, route }, counter) {
  const warm = await once(served.port, complete(requests[0]));
  check(warm, route);
  counter.take();
  check(await once(served.port, complete(requests[1 % requests.length])), route);
  return counter.take();
}

function check(answer, route) {
  if (answer.status !== route.status) throw new Failure(`${route.name} was answered with:`, `${answer.head}\n${answer.body}`);
}

/** Who is compared must do the same work. */
export async function requireSameAnswers(lanes) {
  const [first, ...others] = await Promise.all(
    lanes.map(async ({ served, requests, route }) => {
      const answers = [];
      for (const request of requests.slice(0, 5)) {
        const answer = await once(served.port, complete(request));
        check(answer, route);
        answers.push(rows(JSON.parse(answer.body)));
      }
      return JSON.stringify(answers);
    }),
  );
  for (const [index, other] of others.entries()) {
    if (other === first) continue;
    const { route, title } = lanes[index + 1];
    throw new Failure(`${route.name}: ${lanes[0].title} and ${title} answer different rows.`, `${first}\n${other}`);
  }
}

/** When a row was made differs from database to database. */
const rows = (value) => JSON.parse(JSON.stringify(value, (name, member) => (name === "created_at" ? "" : member)));

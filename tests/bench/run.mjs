// The benchmark: what is measured in which order.

import { join } from "node:path";

import { projectOf } from "../../scripts/setup/project.mjs";
import { contender } from "./contenders.mjs";
import { counter } from "./counting.mjs";
import { count, lane, requireSameAnswers, rounds } from "./measure.mjs";
import { ROUTES } from "./routes.mjs";
import { size, startTimes } from "./start.mjs";

export const DEFAULTS = {
  routes: ROUTES.map(({ name }) => name),
  rounds: 7,
  milliseconds: 1000,
  // So long V8 compiles what has been called more than a few times, on threads of the same process.
  warmMilliseconds: 2000,
  connections: 8,
  requestsMax: 100_000,
};

/** The lanes of a route; `also` are contenders that get Selvedge's requests. */
function lanesOf(route, servers, also = []) {
  return [
    lane("selvedge", servers.selvedge, route, route.selvedge),
    ...also.map((name) => lane(name, servers[name], route, route.selvedge)),
    lane("hand-written", servers.handwritten, route, route.handwritten),
    ...(servers.dutiful && route.same ? [lane("same duties", servers.dutiful, route, route.handwritten)] : []),
    ...Object.entries(route.others ?? {}).map(([title, requests]) => lane(title, servers.handwritten, route, requests)),
  ];
}

const chosen = ({ routes }) => ROUTES.filter(({ name }) => routes.includes(name));
const handwritten = (lanes) => lanes.find(({ title }) => title === "hand-written");

async function withServers(names, options, work) {
  const servers = {};
  try {
    for (const name of names) servers[name] = await contender(name, options);
    return await work(servers);
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.end()));
  }
}

/** Requests a second and how long they take: Worker and database in one process, as under wrangler dev. */
export function throughput(settings, progress = () => {}) {
  return withServers(["selvedge", "handwritten", "dutiful"], {}, async (servers) => {
    const results = [];
    for (const route of chosen(settings)) {
      progress(route.name);
      const lanes = lanesOf(route, servers);
      if (route.same) await requireSameAnswers(lanes);
      results.push(...(await rounds(lanes, { ...settings, count: settings.rounds, to: handwritten(lanes) })));
    }
    return results;
  });
}

/** Processor time of the Worker and of the database, each in a process of its own, and what is asked of the database. */
export async function costs(settings, progress = () => {}) {
  const names = ["selvedge", "silent", "handwritten", "dutiful"];
  const results = await withServers(names, { apart: true }, async (servers) => {
    const results = [];
    for (const route of chosen(settings)) {
      progress(route.name);
      const lanes = lanesOf(route, servers, ["silent"]);
      results.push(...(await rounds(lanes, { ...settings, count: settings.rounds, to: handwritten(lanes) })));
    }
    return results;
  });
  const counted = await counts(settings);
  return results.map((result) => ({ ...result, counts: counted.get(`${result.lane.route.name} ${result.lane.title}`) }));
}

/** What one request of each form asks of the database, by the route's name and the form's title. */
export async function counts(settings) {
  const counted = new Map();
  for (const name of ["selvedge", "handwritten", "dutiful"]) {
    const between = await counter();
    try {
      await withServers([name], { apart: true, between }, async (servers) => {
        for (const route of chosen(settings)) {
          for (const lane of lanesOf(route, { ...servers, silent: servers.selvedge }, ["silent"])) {
            if (!lane.served) continue;
            counted.set(`${route.name} ${lane.title}`, await count(lane, between));
          }
        }
      });
    } finally {
      between.close();
    }
  }
  return counted;
}

/** Sizes in bytes and times in milliseconds. */
export async function start(settings) {
  const { built } = projectOf({});
  return {
    wasm: size(join(built, "index_bg.wasm")),
    script: size(join(built, "index.js")),
    selvedge: await startTimes("selvedge", settings.rounds),
    handwritten: await startTimes("handwritten", settings.rounds),
  };
}

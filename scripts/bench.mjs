// `npm run bench`: this Worker against a hand-written one; see docs/bench.md. It ends by itself.

import { parseArgs } from "node:util";

import { prepare } from "./setup/prepare.mjs";
import { projectOf } from "./setup/project.mjs";
import { Failure } from "./terminal/failure.mjs";
import { bold, command, step } from "./terminal/steps.mjs";

await command(async () => {
  const asked = read();
  await prepare(projectOf({}));
  const { DEFAULTS, costs, start, throughput } = await import("../tests/bench/run.mjs");
  const report = await import("../tests/bench/report.mjs");
  const settings = { ...DEFAULTS, ...asked };
  const unknown = settings.routes.find((name) => !DEFAULTS.routes.includes(name));
  if (unknown) throw new Failure(`There is no route "${unknown}".`, `There are: ${DEFAULTS.routes.join(", ")}.`);
  const measured = {};
  const measure = (title, name, work) =>
    step(title, async (progress) => void (measured[name] = await work(settings, progress)));
  await measure("Size and start", "start", start);
  await measure("Throughput", "throughput", throughput);
  await measure("Processor time", "costs", costs);
  console.log(`\n${bold("Throughput")}, Worker and database in one process\n\n${report.throughput(measured.throughput)}`);
  console.log(`\n${bold("Cost of a request")}, the database in a process of its own\n\n${report.cost(measured.costs)}`);
  console.log(`\n${bold("Size and start")}\n\n${report.start(measured.start)}`);
  console.log(`\n${bold("Goals")}\n\n${report.goals(measured.throughput, measured.costs)}`);
});

/** The settings that were given. */
function read() {
  const options = { route: { type: "string", multiple: true }, rounds: { type: "string" }, seconds: { type: "string" } };
  const { values } = parse(options);
  const positive = (name) => {
    const value = Number(values[name]);
    if (value > 0) return value;
    throw new Failure(`--${name} is not a positive number.`);
  };
  return {
    ...(values.route && { routes: values.route }),
    ...(values.rounds && { rounds: Math.ceil(positive("rounds")) }),
    ...(values.seconds && { milliseconds: positive("seconds") * 1000 }),
  };
}

function parse(options) {
  try {
    return parseArgs({ options });
  } catch (error) {
    throw new Failure(error.message, "Options: --route <name> (several times), --rounds <number>, --seconds <number>.");
  }
}

// The tables.

const number = (value, digits = 0) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Columns of texts, the first to the left and the others to the right. */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  ");
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}

/** One line a form of each route. */
export function throughput(results) {
  const head = ["route", "Worker", "req/s", "p50 ms", "p99 ms", "ratio"];
  const rows = results.map(({ lane, perSecond, p50, p99, throughputRatio }) => [
    lane.route.name,
    lane.title,
    number(perSecond),
    number(p50, 2),
    number(p99, 2),
    number(throughputRatio, 2),
  ]);
  return table(head, rows);
}

export function cost(results) {
  const head = ["route", "Worker", "CPU µs", "ratio", "database µs", "round trips", "statements", "rows read", "written"];
  const rows = results.map(({ lane, worker, workerRatio, database, counts }) => [
    lane.route.name,
    lane.title,
    number(worker),
    number(workerRatio, 2),
    number(database),
    ...["roundTrips", "statements", "rowsRead", "rowsWritten"].map((name) => number(counts[name])),
  ]);
  return table(head, rows);
}

export function start({ wasm, script, selvedge, handwritten }) {
  const kilobytes = ({ raw, gzipped }) => `${number(raw / 1000, 1)} kB, ${number(gzipped / 1000, 1)} kB gzipped`;
  const times = ({ start, first }) => `${number(start, 1)} ms until workerd listens, ${number(first, 1)} ms for the first request`;
  return [
    `Wasm          ${kilobytes(wasm)}`,
    `script        ${kilobytes(script)}`,
    `selvedge      ${times(selvedge)}`,
    `hand-written  ${times(handwritten)}`,
  ].join("\n");
}

/** The goals and whether they are met. */
export function goals(results, costs) {
  const lines = [];
  const ratio = (own, other) => own.perSecond / other.perSecond;
  for (const name of new Set(results.map(({ lane }) => lane.route.name))) {
    const own = results.filter(({ lane }) => lane.route.name === name);
    const { route } = own[0].lane;
    const selvedge = own.find(({ lane }) => lane.title === "selvedge");
    const say = (found, goal, what) =>
      lines.push(`${found >= goal ? "✓" : "✗"} ${name}: ${number(found, 2)} of ${what}, of at least ${number(goal, 1)}`);
    if (route.goal) say(selvedge.throughputRatio, route.goal, "the hand-written Worker");
    const cost = costs.find(({ lane }) => lane.route.name === name && lane.title === "selvedge");
    if (route.status === 200) {
      lines.push(`${cost.workerRatio <= 1 ? "✓" : "✗"} ${name}: ${number(cost.workerRatio, 2)} of the hand-written Worker's CPU, of at most 1.0`);
    }
    for (const [title, goal] of Object.entries(route.against ?? {})) {
      say(ratio(selvedge, own.find(({ lane }) => lane.title === title)), goal, `"${title}"`);
    }
  }
  return lines.join("\n");
}

// Stands between a Worker and its database and counts what is asked: the same way for every Worker.

import { createServer } from "node:http";

import { HOST } from "../../scripts/worker/serve.mjs";

/** `take()` gives round trips, statements, rows read and written since it was last asked. */
export async function counter() {
  let target;
  let counts = none();
  const server = createServer(async (request, response) => {
    const sent = JSON.parse(await text(request));
    const headers = { ...request.headers };
    for (const name of ["host", "connection", "content-length", "transfer-encoding"]) delete headers[name];
    const url = new URL(request.url, `http://${HOST}:${target}`);
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(sent) });
    const body = await answer.text();
    counts.roundTrips += 1;
    counts.statements += Array.isArray(sent) ? sent.length : 1;
    for (const { meta } of [JSON.parse(body)].flat()) {
      counts.rowsRead += meta?.rows_read ?? 0;
      counts.rowsWritten += meta?.rows_written ?? 0;
    }
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, HOST, resolve));
  return {
    port: server.address().port,
    watch: (port) => (target = port),
    take() {
      const taken = counts;
      counts = none();
      return taken;
    },
    close: () => server.close(),
  };
}

const none = () => ({ roundTrips: 0, statements: 0, rowsRead: 0, rowsWritten: 0 });

async function text(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

// HTTP/1.1 by hand, for what a proper client cannot be brought to send.

import { once } from "node:events";
import { connect } from "node:net";

const SILENCE_MILLISECONDS = 10_000;

const open = async (url) => {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, "connect");
  return socket;
};

/** Sends bytes and reads the answer until the other side closes, so the request should ask for that. */
export async function exchange(url, ...parts) {
  const socket = await open(url);
  const chunks = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // A server that answers early may close while we are still sending.
  socket.on("error", () => {});
  socket.setTimeout(SILENCE_MILLISECONDS, () => socket.destroy());
  for (const part of parts) socket.write(part);
  await new Promise((resolve) => socket.once("close", resolve));
  return answer(Buffer.concat(chunks));
}

/** Sends bytes and hangs up without waiting for an answer. */
export async function hangUp(url, ...parts) {
  const socket = await open(url);
  socket.on("error", () => {});
  for (const part of parts) await new Promise((resolve) => socket.write(part, resolve));
  socket.resetAndDestroy();
}

/** A request's head, ending the connection after it. Lines are taken byte by byte, as Latin-1. */
export const head = (request, ...headers) =>
  Buffer.from(
    [`${request} HTTP/1.1`, "Host: 127.0.0.1", "Connection: close", ...headers, "", ""].join("\r\n"),
    "latin1",
  );

/** The headers of a body of JSON. */
export const json = (body) => ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`];

/** One chunk of a body whose length is not told. */
export const chunk = (bytes) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

export const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** The status and the code of an answer which must be a refusal by the APIs. */
export const problem = ({ status, body }) => [status, JSON.parse(body).code];

function answer(bytes) {
  const text = bytes.toString("latin1");
  const [first, ...lines] = text.split("\r\n\r\n", 1)[0].split("\r\n");
  const status = Number(first.split(" ")[1]) || null;
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const sent = bytes.subarray(text.indexOf("\r\n\r\n") + 4);
  const body = headers.get("transfer-encoding") === "chunked" ? joined(sent) : sent;
  return { status, headers, body: body.toString("utf8") };
}

function joined(chunked) {
  const parts = [];
  for (let offset = 0; offset < chunked.length;) {
    const start = chunked.indexOf("\r\n", offset) + 2;
    const size = Number.parseInt(chunked.subarray(offset, start).toString("latin1"), 16);
    if (!(size > 0)) break;
    parts.push(chunked.subarray(start, start + size));
    offset = start + size + 2;
  }
  return Buffer.concat(parts);
}

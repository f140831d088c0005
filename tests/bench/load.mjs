// Sends requests over raw sockets that are kept alive, as fast as they are answered. It reads no more of an answer than
// its status and length, so that it is never what is measured.

import { connect } from "node:net";

import { HOST } from "../../scripts/worker/serve.mjs";

/** The bytes of a request; `body` is a text. */
export function encode({ method = "GET", path, headers = {}, body }) {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${HOST}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

class Connection {
  #socket;
  #received = [];
  #answered;

  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: HOST, noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new Connection(socket)));
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("error", (error) => this.#answered?.reject(error));
    socket.on("close", () => this.#answered?.reject(new Error("the connection was closed")));
  }

  /** Resolves to status and body. One request at a time. */
  send(bytes) {
    return new Promise((resolve, reject) => {
      this.#answered = { resolve, reject };
      this.#socket.write(bytes);
    });
  }

  close() {
    this.#answered = undefined;
    this.#socket.destroy();
  }

  #read(bytes) {
    this.#received.push(bytes);
    const all = this.#received.length === 1 ? bytes : Buffer.concat(this.#received);
    this.#received = [all];
    const end = all.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = all.latin1Slice(0, end);
    const status = Number(head.slice(9, 12));
    const body = content(all.subarray(end + 4), head, status);
    if (body === undefined) return;
    this.#received = [];
    const { resolve } = this.#answered;
    this.#answered = undefined;
    resolve({ status, body, head });
  }
}

/** The body, or undefined while some of it is to come. */
function content(bytes, head, status) {
  if (status === 204) return bytes;
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return bytes.length >= Number(length) ? bytes : undefined;
  // The last chunk is empty. What is in chunks here is not looked at but by tests.
  return bytes.subarray(-5).equals(LAST_CHUNK) ? bytes : undefined;
}

const LAST_CHUNK = Buffer.from("0\r\n\r\n");

export async function once(port, request) {
  const connection = await Connection.open(port);
  try {
    return await connection.send(encode(request));
  } finally {
    connection.close();
  }
}

/**
 * Sends `requests` in turn over some connections at once until either limit is reached. Returns how many were answered,
 * in which time, and how long each took, in milliseconds. An answer of another status ends it.
 */
export async function load({ port, requests, status, connections, requestsMax, millisecondsMax }) {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const latencies = [];
  let sent = 0;
  const began = performance.now();
  const deadline = began + millisecondsMax;
  try {
    await Promise.all(
      open.map(async (connection) => {
        while (sent < requestsMax && performance.now() < deadline) {
          const bytes = requests[sent++ % requests.length];
          const start = performance.now();
          const answer = await connection.send(bytes);
          latencies.push(performance.now() - start);
          if (answer.status !== status) throw new Error(`${answer.head}\n${answer.body}`);
        }
      }),
    );
  } finally {
    for (const connection of open) connection.close();
  }
  return { count: latencies.length, milliseconds: performance.now() - began, latencies };
}

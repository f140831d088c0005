// The Worker, and how much memory its Wasm has: a module that comes before it keeps what it instantiates.

import { instances } from "./instances.js";
import Worker from "./index.js";

export default class extends Worker {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/memory") return super.fetch(request);
    return Response.json(instances.map(({ exports }) => exports.memory.buffer.byteLength));
  }
}

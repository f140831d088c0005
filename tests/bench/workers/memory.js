// The Worker, and how much memory its Wasm has: a module that comes before it keeps what it instantiates.

import { instances } from "./instances.js";
import Worker from "./index.js";

export default {
  fetch(request, environment, context) {
    if (new URL(request.url).pathname !== "/memory") return Worker.fetch(request, environment, context);
    return Response.json(instances.map(({ exports }) => exports.memory.buffer.byteLength));
  },
};

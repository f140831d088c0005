// The Worker, and a path at which its Wasm becomes as broken as after a panic, or by a trap.

import Worker from "./index.js";

const state = globalThis.__worker_init_state;

export default {
  fetch(request, environment, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/instance") return Response.json([state.instanceId, state.criticalError]);
    if (pathname === "/panic") {
      state.criticalError = true;
      return new Response(null, { status: 204 });
    }
    // What is thrown where the headers are read comes out as a trap would.
    if (pathname === "/rest/v1/trap") {
      const headers = new Proxy(request.headers, {
        get() {
          throw new WebAssembly.RuntimeError("unreachable");
        },
      });
      return Worker.fetch({ method: "GET", url: request.url, headers }, environment, context);
    }
    return Worker.fetch(request, environment, context);
  },
};

// Where the platform enters. worker-build's own entry makes an object of a class and three proxies for each request, which
// costs more than all that is decided about it; here a request goes straight to the function in Wasm.

import Worker, { PasswordHasher } from "worker-build";

export { PasswordHasher };

// `answer` waits until the request is answered, also when its client has hung up.
const { fetch: answer } = Worker.prototype;

// The crate `worker` notes here that Wasm has panicked, after which nothing in it may be used any more.
const state = globalThis.__worker_init_state;

export default {
  async fetch(request, env, ctx) {
    // Making an object of the class first makes Wasm anew.
    if (state.criticalError) return new Worker(ctx, env).fetch(request);
    try {
      return await answer.call({ env, ctx }, request);
    } catch (error) {
      // Wasm that has trapped without a panic, such as for want of memory, is as broken.
      if (error instanceof WebAssembly.RuntimeError) {
        console.error("Critical", error);
        state.criticalError = true;
      }
      throw error;
    }
  },

  // The clock strikes rarely, so the class may be used.
  scheduled: (event, env, ctx) => new Worker(ctx, env).scheduled(event),
};

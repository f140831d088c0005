// Keeps every instance of Wasm that is made after this module.

export const instances = [];

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, parameters) {
    const instance = new target(...parameters);
    instances.push(instance);
    return instance;
  },
});

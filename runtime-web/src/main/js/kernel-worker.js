// A thread that runs kernels: gets the compiled module and the shared memory, says that it is there, and then never listens again; it ends with the host.

import { KernelThread } from "./kernel-threads.js";

let scope = globalThis;

async function start({ module, memory, thread, threads }) {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    scope.postMessage("ready");
    new KernelThread(Object.values(exports), memory, thread, threads).serve();
    scope.close();
}

if (globalThis.onmessage === undefined) { // Node; put like this since bundlers look for what an import names.
    import(/* webpackIgnore: true */ /* @vite-ignore */ ["node", "worker_threads"].join(":")).then(({ parentPort }) => {
        scope = parentPort;
        scope.once("message", start);
    });
} else {
    scope.onmessage = ({ data }) => start(data);
}

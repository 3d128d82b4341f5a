// A thread that runs kernels: gets the compiled module and the shared memory, says that it is there, and then never listens again; it ends with the host.

import { KernelThread } from "./kernel-threads.js";

const scope = globalThis.onmessage === undefined ? process.getBuiltinModule("node:worker_threads").parentPort : globalThis;

async function start({ module, memory, thread, threads }) {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    scope.postMessage("ready");
    new KernelThread(Object.values(exports), memory, thread, threads).serve();
    scope.close();
}

if (globalThis.onmessage === undefined) {
    scope.once("message", start);
} else {
    scope.onmessage = ({ data }) => start(data);
}

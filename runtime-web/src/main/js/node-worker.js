// The engine's worker in Node: gives worker.js what it expects of a web worker.

const { parentPort } = await import(["node", "worker_threads"].join(":")); // Bundlers look for what an import names.

globalThis.self = globalThis;
globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
globalThis.addEventListener = (name, action) => {
    if (name === "error") {
        process.on("uncaughtException", (error) => action({ error, message: error.message }));
    } else if (name === "unhandledrejection") {
        process.on("unhandledRejection", (reason) => action({ reason, preventDefault() { } }));
    }
};
await import("./worker.js");
parentPort.on("message", (data) => globalThis.onmessage({ data }));

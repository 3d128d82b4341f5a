// Where the package runs and what that place has: a page, a worker of any kind, Node, Deno; straight from a server or out of a bundler.

import { CremaError } from "./errors.js";

/** A bundler may put anything here; what it should rewrite says `new URL("./file", import.meta.url)` in one piece. */
const HERE = import.meta.url;

const inDocument = typeof document !== "undefined";

/** Node, whose workers are not those of the web; Deno has both. */
export const inNode = !inDocument && typeof Worker === "undefined" && typeof globalThis.process?.getBuiltinModule === "function";

/** Whether there are files that a path names. */
export const hasFiles = !inDocument && typeof globalThis.process?.getBuiltinModule === "function";

/** A module of Node's, which Deno has as well. Not by `import`: bundlers look for what that names. */
export const nodeModule = (name) => globalThis.process.getBuiltinModule(`node:${name}`);

/** The address of a file of the package, as long as no bundler has moved it. */
export const packageFile = (name) => new URL(name, HERE);

/** The bytes of a file of the package. */
export async function readPackageFile(url) {
    if (url.protocol === "file:" && hasFiles) {
        return new Uint8Array(await nodeModule("fs/promises").readFile(url)).buffer;
    }
    const response = await fetch(url);
    if (!response.ok) {
        throw new Error(`HTTP ${response.status}`);
    }
    return response.arrayBuffer();
}

/** Browsers start workers from the page's own origin only: a script of another host is imported by one of ours. */
function importing(url, options) {
    const own = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" }));
    const worker = new Worker(own, options);
    worker.addEventListener("message", () => URL.revokeObjectURL(own), { once: true });
    return worker;
}

/** Whether the package comes from another host than the page. A bundler may leave the address that the file had when it was built. */
export function isElsewhere() {
    const { protocol, origin } = new URL(HERE);
    return /^https?:$/.test(protocol) && origin !== globalThis.location?.origin;
}

/** Starts the worker that the engine runs in. */
export function startEngineWorker() {
    if (inNode) {
        return new NodeWorker(packageFile("node-worker.js"));
    }
    checkWorkers();
    return isElsewhere() ? importing(packageFile("worker.js"), { type: "module", name: "crema" })
        : new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "crema" });
}

/** Starts a thread of the CPU kernels. */
export function startKernelWorker() {
    if (inNode) {
        return new NodeWorker(packageFile("kernel-worker.js"));
    }
    checkWorkers();
    return isElsewhere() ? importing(packageFile("kernel-worker.js"), { type: "module", name: "crema kernels" })
        : new Worker(new URL("./kernel-worker.js", import.meta.url), { type: "module", name: "crema kernels" });
}

function checkWorkers() {
    if (typeof Worker === "undefined") {
        throw new CremaError({ code: "device_unavailable", message: "No workers can be started here.", status: 503, type: "device_error",
            hint: "In a service worker, and where the engine may hold up what else runs, use worker: false or serveEngine; Node has to be 22.3 or newer." });
    }
}

/** A thread of Node with the face of a web worker. */
class NodeWorker {
    onmessage = null;
    onmessageerror = null;
    onerror = null;
    #thread;

    constructor(script) {
        const { Worker: Thread } = nodeModule("worker_threads");
        this.#thread = new Thread(script);
        this.#thread.on("message", (data) => this.onmessage?.({ data }));
        this.#thread.on("messageerror", () => this.onmessageerror?.({}));
        this.#thread.on("error", (error) => this.onerror?.({ error, message: error.message }));
    }

    postMessage(message, transfer) {
        this.#thread.postMessage(message, transfer);
    }

    addEventListener(name, action) {
        this.#thread.on(name, (value) => action(name === "message" ? { data: value } : value));
    }

    terminate() {
        void this.#thread.terminate();
    }
}

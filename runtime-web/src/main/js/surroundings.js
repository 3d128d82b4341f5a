// Where the package runs and what that place has: a page, a worker of any kind, Node, Deno; straight from a server or out of a bundler.

import { CremaError } from "./errors.js";

/** A bundler may put anything here; what it should rewrite says `new URL("./file", import.meta.url)` in one piece. */
const HERE = import.meta.url;

const inDocument = typeof document !== "undefined";

/** Whether there are files that a path names. */
export const hasFiles = !inDocument && typeof globalThis.process?.versions?.node === "string";

/** Node, whose workers are not those of the web; Deno has both. */
export const inNode = hasFiles && typeof Worker === "undefined";

let builtinModule = globalThis.process?.getBuiltinModule;

/** A module of Node's, which Deno has as well; once {@link ready}. Not by `import`: bundlers look for what that names. */
export const nodeModule = (name) => builtinModule(`node:${name}`);

/** A module whose one function has a try_table, as compiled Java has. */
const TRY_TABLE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 8, 1, 6, 0, 31, 64, 0, 11, 11);

/** What has to be done before anything else here works outside of a browser; nothing in one. */
export const ready = hasFiles ? prepareNode() : Promise.resolve();

async function prepareNode() {
    if (!builtinModule) { // Node before 22.3 and the first of Deno 2.
        const { createRequire } = await import(/* webpackIgnore: true */ /* @vite-ignore */ ["node", "module"].join(":"));
        builtinModule = createRequire(globalThis.process.execPath);
    }
    if (!WebAssembly.validate(TRY_TABLE)) { // Node before 22.21 can, and has to be told to.
        nodeModule("v8").setFlagsFromString("--experimental-wasm-exnref");
    }
}

/** The address of a file of the package, as long as no bundler has moved it. */
export const packageFile = (name) => new URL(name, HERE);

/** The bytes of a file of the package. */
export async function readPackageFile(url) {
    await ready;
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
            hint: "In a service worker, and where the engine may hold up what else runs, use worker: false or serveEngine." });
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

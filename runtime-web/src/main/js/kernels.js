// The CPU kernels (kernels*.wasm, made of dev.crema.kernels) with their memory and threads: what dev.crema.web.wasm.JsKernelHost calls.

import { CremaError } from "./errors.js";
import { KernelThread } from "./kernel-threads.js";
import { packageFile, readPackageFile, startKernelWorker } from "./surroundings.js";

const PAGE_BYTES = 65536;
/** Of a 32-bit memory; a browser that gives out less is asked for less. */
const MAX_PAGES = [65535, 49152, 32768, 16384];
/** Of a 64-bit memory: 16 GB is the most that browsers give out. */
const MAX_PAGES_WIDE = [262144, 196608, 131072];
/** A thread that does not answer by then is not waited for. */
const START_MILLIS = 10_000;
/** What more threads add beyond is little, and they take the processor from the page. */
const MOST_THREADS = 8;

/** Modules of one function each: one uses i8x16.relaxed_swizzle, the other i8x16.splat and i8x16.popcnt. */
const RELAXED_SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11];
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
const validates = (bytes) => WebAssembly.validate(new Uint8Array(bytes));

const modules = new Map();

/** What this browser can do: `{ simd, relaxed, isolated }`. */
export function features() {
    return { simd: validates(SIMD), relaxed: validates(RELAXED_SIMD), isolated: typeof SharedArrayBuffer !== "undefined" && globalThis.crossOriginIsolated !== false };
}

/**
 * Opens kernels on `threads` threads, 0 for as many as suit the processor. Several need a cross-origin isolated page; where they can't be had, one does
 * all, and the features say why. `relaxed` false takes the plain SIMD module in any case; `wide` true a 64-bit memory, which fails where there is none;
 * `startWorker` starts a worker of this script.
 */
export async function openKernels({ threads = 0, relaxed = true, wide = false, startWorker = startKernelWorker } = {}) {
    const has = features();
    if (!has.simd) {
        throw unavailable("This browser's WebAssembly has no SIMD.");
    }
    const wanted = { threads: threads > 0 ? threads : usualThreads(), relaxed: relaxed && has.relaxed, isolated: has.isolated, startWorker };
    return new Kernels(wanted, await open(wanted, wide));
}

/** A memory with what runs in it: `{ exports, memory, maximum, wide, workers, threads, features }`. */
async function open(wanted, wide) {
    const features = [wanted.relaxed ? "relaxed SIMD" : "SIMD", ...(wide ? ["64-bit memory"] : [])];
    let why = wanted.threads > 1 && !wanted.isolated ? "one thread: the page is not cross-origin isolated" : "";
    if (wanted.threads > 1 && wanted.isolated) {
        try {
            return { ...await openShared(wanted, wide), threads: wanted.threads, features: [...features, `${wanted.threads} threads`] };
        } catch (error) {
            why = `one thread: ${error.message}`;
        }
    }
    const memory = newMemory(false, wide);
    const { exports } = await WebAssembly.instantiate(await compile(fileName(wanted.relaxed, false, wide)), { env: { memory: memory.memory } });
    return { exports, ...memory, workers: [], threads: 1, features: [...features, ...(why ? [why] : [])] };
}

function usualThreads() {
    const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
    return Math.min(MOST_THREADS, cores > 4 ? cores >> 1 : cores);
}

/** Each written out, for bundlers to find. */
const FILES = {
    "kernels.wasm": new URL("./kernels.wasm", import.meta.url),
    "kernels-relaxed.wasm": new URL("./kernels-relaxed.wasm", import.meta.url),
    "kernels-shared.wasm": new URL("./kernels-shared.wasm", import.meta.url),
    "kernels-relaxed-shared.wasm": new URL("./kernels-relaxed-shared.wasm", import.meta.url),
    "kernels-64.wasm": new URL("./kernels-64.wasm", import.meta.url),
    "kernels-relaxed-64.wasm": new URL("./kernels-relaxed-64.wasm", import.meta.url),
    "kernels-shared-64.wasm": new URL("./kernels-shared-64.wasm", import.meta.url),
    "kernels-relaxed-shared-64.wasm": new URL("./kernels-relaxed-shared-64.wasm", import.meta.url),
};

const fileName = (relaxed, shared, wide) => `kernels${relaxed ? "-relaxed" : ""}${shared ? "-shared" : ""}${wide ? "-64" : ""}.wasm`;

async function openShared({ threads, relaxed, startWorker }, wide) {
    const memory = newMemory(true, wide);
    const module = await compile(fileName(relaxed, true, wide));
    const workers = [];
    try {
        const started = [];
        for (let thread = 1; thread < threads; thread++) {
            const worker = startWorker(packageFile("kernel-worker.js"));
            workers.push(worker);
            started.push(answer(worker));
            worker.postMessage({ module, memory: memory.memory, thread, threads });
        }
        await Promise.all(started);
        const { exports } = await WebAssembly.instantiate(module, { env: { memory: memory.memory } });
        return { exports, ...memory, workers };
    } catch (error) {
        workers.forEach((worker) => worker.terminate());
        throw error;
    }
}

/** Resolves with the first message of a worker. */
function answer(worker) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`a thread did not start within ${START_MILLIS / 1000} seconds`)), START_MILLIS);
        const on = worker.addEventListener ? (name, action) => worker.addEventListener(name, action) : (name, action) => worker.on(name, action);
        on("message", () => {
            clearTimeout(timer);
            resolve();
        });
        on("error", (event) => {
            clearTimeout(timer);
            reject(new Error(`a thread could not be started (${event.message ?? "its script did not load"})`));
        });
    });
}

function compile(name) {
    if (!modules.has(name)) {
        modules.set(name, readPackageFile(FILES[name]).then((bytes) => WebAssembly.compile(bytes)).catch((error) => {
            modules.delete(name);
            throw unavailable(`${name} could not be loaded: ${error.message}`);
        }));
    }
    return modules.get(name);
}

function newMemory(shared, wide) {
    const sizes = wide ? MAX_PAGES_WIDE : MAX_PAGES;
    for (const maximum of sizes) {
        try {
            const limits = wide ? { initial: 1n, maximum: BigInt(maximum), address: "i64" } : { initial: 1, maximum };
            return { memory: new WebAssembly.Memory({ ...limits, shared }), maximum, wide };
        } catch {
            // The next is smaller.
        }
    }
    throw unavailable(`This browser gives out no ${wide ? "64-bit " : ""}WebAssembly memory of ${sizes.at(-1) * PAGE_BYTES} bytes.`);
}

function unavailable(message) {
    return new CremaError({ code: "device_unavailable", message, status: 503, type: "device_error", hint: "Use a newer browser, or another device." });
}

class Kernels {
    #wanted;
    #memory;
    #exports;
    #names;
    #first;
    #workers;

    constructor(wanted, opened) {
        this.#wanted = wanted;
        this.#use(opened);
    }

    #use({ exports, memory, maximum, wide, workers, threads, features }) {
        this.#exports = Object.values(exports);
        this.#names = Object.keys(exports);
        this.#memory = memory;
        this.#first = new KernelThread(this.#exports, memory, 0, threads);
        this.#workers = workers;
        this.threads = threads;
        this.wide = wide;
        this.features = features.join("\n");
        this.maxBytes = maximum * PAGE_BYTES;
    }

    /** Takes a 64-bit memory in place of this one, whose contents are lost; whether it could. */
    async widen() {
        if (this.wide) {
            return true;
        }
        let opened;
        try {
            opened = await open(this.#wanted, true);
        } catch {
            return false;
        }
        if (this.#memory === null) {
            opened.workers.forEach((worker) => worker.terminate());
            return false;
        }
        this.close();
        this.#use(opened);
        return true;
    }

    grow(bytes) {
        const more = Math.ceil((bytes - this.#memory.buffer.byteLength) / PAGE_BYTES);
        if (more <= 0) {
            return true;
        }
        try {
            this.#memory.grow(this.wide ? BigInt(more) : more);
            return true;
        } catch {
            return false;
        }
    }

    kernel(name) {
        return this.#names.indexOf(name);
    }

    run(program, count, scratch, scratchBytes) {
        this.#first.run(program >>> 0, count, scratch >>> 0, scratchBytes);
    }

    ints(address, count) {
        return new Int32Array(this.#memory.buffer, address >>> 0, count);
    }

    bytes(address, count) {
        return new Int8Array(this.#memory.buffer, address >>> 0, count);
    }

    floats(address, count) {
        return new Float32Array(this.#memory.buffer, address >>> 0, count);
    }

    write(address, chunk, from, count) {
        new Uint8Array(this.#memory.buffer, address, count).set(chunk.subarray(from, from + count));
    }

    close() {
        if (this.#memory !== null) {
            if (this.threads > 1) {
                this.#first.close();
            }
            this.#workers.forEach((worker) => worker.terminate());
            this.#memory = this.#first = this.#exports = null;
        }
    }
}

// An engine in a worker whose use of WebGPU is counted.

import { createEngine } from "../../crema/crema.js";

const WATCH = new URL("./gpu-watch.js", import.meta.url).href;

/** Random token ids that are the same for the same seed (mulberry32). */
export function randomTokens(count, vocabularySize, seed) {
    let state = seed >>> 0;
    return Array.from({ length: count }, () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ state >>> 15, state | 1);
        mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
        return ((mixed ^ mixed >>> 14) >>> 0) % vocabularySize;
    });
}

export class WatchedEngine {
    #worker;
    #engine;

    /** Loads a model; `options` are createEngine's. */
    static async open(source, options) {
        const watched = new WatchedEngine();
        watched.#engine = await createEngine(source, { selfTest: "off", ...options, startWorker: (script) => watched.#start(script) });
        return watched;
    }

    /** Modules run in the order in which they are imported, and messages wait for all of them. */
    #start(script) {
        const code = `import ${JSON.stringify(WATCH)}; import ${JSON.stringify(script.href)};`;
        const own = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
        this.#worker = new Worker(own, { type: "module", name: "crema" });
        this.#worker.addEventListener("message", () => URL.revokeObjectURL(own), { once: true });
        return this.#worker;
    }

    get info() {
        return this.#engine.info;
    }

    get stored() {
        return this.#engine.stored;
    }

    close() {
        return this.#engine.close();
    }

    /** Greedy continuation of token ids; resolves with the reply's timings (see openai.d.ts). */
    async complete(prompt, maxTokens, { n = 1, signal } = {}) {
        const request = { prompt, max_tokens: maxTokens, temperature: 0, n };
        const { timings } = await this.#engine.completions.create(request, { signal });
        return timings;
    }

    /** Calls and bytes since the worker began. */
    counts() {
        return this.#ask("counts");
    }

    /** GPU buffers: { bytes, peakBytes }. */
    memory() {
        return this.#ask("memory");
    }

    record() {
        return this.#ask("record");
    }

    recorded() {
        return this.#ask("recorded");
    }

    /** The kernels of a recorded step: { timing, rows: [{ kernel, grid, launches, weightBytes, seconds }] }. */
    time(index, millis) {
        return this.#ask("time", { index, millis });
    }

    #ask(ask, details = {}) {
        return new Promise((resolve, reject) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = ({ data }) => {
                port1.close();
                if (data.error) {
                    reject(new Error(data.error));
                } else {
                    resolve(data.value);
                }
            };
            this.#worker.postMessage({ kind: "gpu-watch", ask, ...details }, [port2]);
        });
    }
}

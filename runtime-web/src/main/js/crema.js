// Crema in a page: language models behind the OpenAI API, run by a worker on this computer. Types and documentation: crema.d.ts.

import { Connection } from "./connection.js";
import { CremaError, abortReason, closed, invalidRequest } from "./errors.js";
import { apiFetch } from "./http.js";
import { StreamReply, wholeReply } from "./replies.js";
import { describeSource } from "./source.js";
import { deleteCached, listCached } from "./store.js";

export { CremaError, deleteCached, listCached };

/** Loads a model and returns an engine that runs it; see crema.d.ts. */
export async function createEngine(source, options = {}) {
    const { signal, onProgress, onDevice, startWorker = null, ...settings } = options;
    if (signal?.aborted) {
        throw abortReason(signal);
    }
    if (startWorker !== null && typeof startWorker !== "function") {
        throw invalidRequest("startWorker is no function.", "It takes the address of the worker's script and returns a module worker.", "startWorker");
    }
    const request = { source: describeSource(source), options: checkSettings(settings) };
    const connection = new Connection(startWorker);
    let engine = null;
    const hear = (event) => {
        if (engine !== null && event.state === "replaced") {
            engine.info = { ...engine.info, device: event.device };
        }
        onDevice?.(event.state === "failed" ? { state: "failed", error: CremaError.from(event.error) } : event);
    };
    try {
        engine = new Engine(connection, await connection.load(request, { onProgress, onDevice: hear, signal }));
        return engine;
    } catch (error) {
        connection.terminate();
        throw error;
    }
}

const DEVICES = ["auto", "webgpu", "wasm", "reference"];
const MAX_THREADS = 64;
const KV_TYPES = ["f32", "f16", "q8_0", "q4_0"];
const CACHES = [true, false, "opfs", "cache"];

function checkSettings({ device = "auto", threads = 0, selfTest = "auto", tune = "auto", contextLength = 0, kvType = "f32", stepsAhead = 4, id = null, cache = true, ...unknown }) {
    const names = Object.keys(unknown);
    if (names.length > 0) {
        throw invalidRequest(`createEngine has no option "${names[0]}".`,
            "It knows onProgress, onDevice, signal, startWorker, device, threads, selfTest, tune, contextLength, kvType, stepsAhead, id and cache.", names[0]);
    }
    if (!DEVICES.includes(device)) {
        throw invalidRequest(`There is no device "${device}".`, `Choose one of ${DEVICES.join(", ")}.`, "device");
    }
    if (!Number.isInteger(threads) || threads < 0 || threads > MAX_THREADS) {
        throw invalidRequest(`threads is ${threads}.`, `It is a whole number from 1 to ${MAX_THREADS}; 0 takes as many as suit the processor.`, "threads");
    }
    if (selfTest !== "auto" && selfTest !== "off") {
        throw invalidRequest(`selfTest is ${selfTest}.`, "It is \"auto\" or \"off\".", "selfTest");
    }
    if (tune !== "auto" && tune !== "off") {
        throw invalidRequest(`tune is ${tune}.`, "It is \"auto\" or \"off\".", "tune");
    }
    if (!Number.isInteger(contextLength) || contextLength < 0 || contextLength > 2 ** 24) {
        throw invalidRequest(`contextLength is ${contextLength}.`, "It is a whole number of tokens; 0 takes the model's own.", "contextLength");
    }
    if (!KV_TYPES.includes(kvType)) {
        throw invalidRequest(`There is no KV cache of type "${kvType}".`, `Choose one of ${KV_TYPES.join(", ")}.`, "kvType");
    }
    if (!Number.isInteger(stepsAhead) || stepsAhead < 1 || stepsAhead > 8) {
        throw invalidRequest(`stepsAhead is ${stepsAhead}.`, "It is a whole number from 1 to 8.", "stepsAhead");
    }
    if (id !== null && (typeof id !== "string" || id === "")) {
        throw invalidRequest("id must be a text that is not empty.", "It is the model's name in the API.", "id");
    }
    if (!CACHES.includes(cache)) {
        throw invalidRequest(`cache is ${cache}.`, "It is true, false, \"opfs\" or \"cache\".", "cache");
    }
    return { device, threads, selfTest, tune, contextLength, kvType, stepsAhead, id, cache };
}

class Engine {
    #connection;

    constructor(connection, info) {
        this.#connection = connection;
        this.info = info;
        this.lost = connection.lost;
        this.stored = connection.stored;
        this.chat = { completions: { create: (request, options) => this.#create("/v1/chat/completions", request, options) } };
        this.completions = { create: (request, options) => this.#create("/v1/completions", request, options) };
        this.embeddings = { create: (request, options) => this.#create("/v1/embeddings", request, options) };
        this.models = {
            list: (options) => this.#get("/v1/models", options),
            retrieve: (id, options) => this.#get(`/v1/models/${encodeURIComponent(id)}`, options),
        };
        this.fetch = (input, init) => apiFetch(connection, input, init);
    }

    get closed() {
        return this.#connection.closed;
    }

    /** Ends everything that runs (with `closed`) and frees the model's memory. Closing twice is harmless. */
    async close() {
        await this.#connection.close();
    }

    async [Symbol.asyncDispose]() {
        await this.close();
    }

    #create(path, request, { signal } = {}) {
        if (request === null || typeof request !== "object") {
            return Promise.reject(invalidRequest("The request must be an object.", "For example { messages: [{ role: \"user\", content: \"Hi\" }] }."));
        }
        const body = JSON.stringify(request);
        return request.stream === true
            ? new StreamReply(this.#connection, path, body, signal)
            : wholeReply(this.#connection, path, body, signal);
    }

    async #get(path, { signal } = {}) {
        if (this.closed) {
            throw closed();
        }
        return wholeReply(this.#connection, path, "", signal);
    }
}

// Crema in a page: language models behind the OpenAI API, run by a worker on this computer. Types and documentation: crema.d.ts.

import { openChannel } from "./channel.js";
import { Connection } from "./connection.js";
import { CremaError, abortReason, closed, invalidRequest } from "./errors.js";
import { apiFetch } from "./http.js";
import { checkSettings, splitOptions } from "./options.js";
import { StreamReply, wholeReply } from "./replies.js";
import { describeModels, describeSource } from "./source.js";
import { deleteCached, listCached } from "./store.js";

export { CremaError, deleteCached, listCached };

/** Starts an engine and loads one model, several or none; see crema.d.ts. */
export async function createEngine(source, options = {}) {
    const { signal, onProgress = null, onDevice = null, ...settings } = options;
    const { engine: own, model } = splitOptions(settings);
    const models = describeModels(source).map(({ source, options }) => prepare(source, { ...model, ...options }));
    checkSettings(model);
    if (signal?.aborted) {
        throw abortReason(signal);
    }
    const engine = new Engine(await openChannel(own), { ...own, onDevice, model });
    try {
        for (const [i, request] of models.entries()) {
            await engine.loadPrepared(request, { signal, onProgress: onProgress && ((progress) => onProgress(partOf(progress, i, models.length))) });
        }
        return engine;
    } catch (error) {
        engine.abandon();
        throw error;
    }
}

const prepare = (source, options) => ({ source: describeSource(source), options: checkSettings(options) });

/** The progress of one of several models as that of all. */
const partOf = (progress, index, count) => (count === 1 ? progress : { ...progress, fraction: (index + progress.fraction) / count });

class Engine {
    #connection;
    #settings;
    #infos = new Map();
    #stored = new Map();
    #progress = new Map();

    constructor(channel, settings) {
        this.#settings = settings;
        const connection = this.#connection = new Connection(channel, {
            progress: (model, progress) => this.#progress.get(model)?.(progress),
            device: (model, event) => this.#hearDevice(model, event),
            stored: (model, storage) => this.#storing(model).resolve(storage),
            failed: (model, error) => {
                this.#infos.delete(model);
                this.#settings.onDevice?.({ state: "failed", model, error });
            },
        });
        this.lost = connection.lost;
        this.chat = { completions: { create: (request, options) => this.#create("/v1/chat/completions", request, options) } };
        this.completions = { create: (request, options) => this.#create("/v1/completions", request, options) };
        this.embeddings = { create: (request, options) => this.#create("/v1/embeddings", request, options) };
        this.responses = { create: (request, options) => this.#create("/v1/responses", request, options) };
        this.models = {
            list: (options) => this.#get("/v1/models", options),
            retrieve: (id, options) => this.#get(`/v1/models/${encodeURIComponent(id)}`, options),
        };
        this.fetch = (input, init) => apiFetch(connection, input, init);
    }

    get closed() {
        return this.#connection.closed;
    }

    /** Of the first model, which requests without a model mean; null where none is loaded. */
    get info() {
        return this.#infos.values().next().value ?? null;
    }

    /** Of all models that are loaded, the first first. */
    get infos() {
        return [...this.#infos.values()];
    }

    /** What became of storing the first model. */
    get stored() {
        return this.#storing(this.info?.model.id).promise;
    }

    /** Loads one more model; resolves with its info. */
    async load(source, { signal, onProgress, ...options } = {}) {
        return this.loadPrepared(prepare(source, { ...this.#settings.model, ...options }), { signal, onProgress });
    }

    /** @internal */
    async loadPrepared(request, { signal, onProgress }) {
        const info = await this.#connection.load(request, { signal, onProgress });
        this.#infos.set(info.model.id, info);
        this.#progress.set(info.model.id, onProgress);
        return info;
    }

    /** Frees a model; what it was writing ends with `closed`. */
    async unload(id = this.info?.model.id) {
        await this.#connection.call("unload", { model: id ?? null });
        this.#infos.delete(id);
        this.#stored.delete(id);
        this.#progress.delete(id);
    }

    /** Ends all replies that are being written, here and now; each keeps what it has, with finish_reason "stop". */
    interrupt() {
        this.#connection.interrupt();
    }

    /** What a model is doing. */
    async status(id = null, options) {
        return this.#connection.call("status", { model: id }, options);
    }

    /** Ends everything that runs (with `closed`) and frees the models' memory. Closing twice is harmless. */
    async close() {
        await this.#connection.close();
    }

    async [Symbol.asyncDispose]() {
        await this.close();
    }

    /** Lets go of an engine that did not come to be, whatever it is doing. @internal */
    abandon() {
        if (this.#connection.exclusive) {
            this.#connection.terminate();
        } else {
            void this.#connection.close();
        }
    }

    #storing(model) {
        if (!this.#stored.has(model)) {
            this.#stored.set(model, withResolvers());
        }
        return this.#stored.get(model);
    }

    #hearDevice(model, event) {
        const info = this.#infos.get(model);
        if (info && event.state === "replaced") {
            this.#infos.set(model, { ...info, device: event.device });
        }
        const told = event.state === "failed" ? { state: "failed", error: CremaError.from(event.error) } : event;
        this.#settings.onDevice?.({ ...told, model });
    }

    #create(path, request, { signal, priority = 0 } = {}) {
        if (request === null || typeof request !== "object") {
            return Promise.reject(invalidRequest("The request must be an object.", "For example { messages: [{ role: \"user\", content: \"Hi\" }] }."));
        }
        if (!Number.isInteger(priority) || Math.abs(priority) > 1000) {
            return Promise.reject(invalidRequest(`priority is ${priority}.`, "It is a whole number from -1000 to 1000; what is higher goes first.", "priority"));
        }
        const body = JSON.stringify(request);
        return request.stream === true
            ? new StreamReply(this.#connection, path, body, signal, { priority })
            : wholeReply(this.#connection, path, body, signal, { priority });
    }

    async #get(path, { signal } = {}) {
        if (this.closed) {
            throw closed();
        }
        return wholeReply(this.#connection, path, "", signal);
    }
}

function withResolvers() {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
}

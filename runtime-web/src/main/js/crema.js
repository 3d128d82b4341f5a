// Crema in a page: language models behind the OpenAI API, run by a worker on this computer. Types and documentation: crema.d.ts.

import { openChannel } from "./channel.js";
import { Connection } from "./connection.js";
import { CremaError, abortReason, closed, invalidRequest } from "./errors.js";
import { apiFetch } from "./http.js";
import { findHashes, readHashes } from "./hashes.js";
import { Log } from "./log.js";
import { checkSettings, splitOptions } from "./options.js";
import { StreamReply, wholeReply } from "./replies.js";
import { Session, asMessages } from "./session.js";
import { readSession, restoreCache } from "./session-file.js";
import { describeModels, describeSource } from "./source.js";
import { deleteCached, exportCached, importCached, listCached, persistStorage } from "./store.js";
import { ready } from "./surroundings.js";

export { CremaError, deleteCached, exportCached, importCached, listCached, persistStorage };

/** Starts an engine and loads one model, several or none; see crema.d.ts. */
export async function createEngine(source, options = {}) {
    await ready;
    const { signal, onProgress = null, onDevice = null, onSpace = null, ...settings } = options;
    const { engine: own, model } = splitOptions(settings);
    const models = await Promise.all(describeModels(source).map(({ source, options }) => prepare(source, { ...model, ...options })));
    checkSettings(model);
    if (signal?.aborted) {
        throw abortReason(signal);
    }
    const engine = new Engine(await openChannel(own), { ...own, onDevice, model });
    try {
        for (const [i, request] of models.entries()) {
            await engine.loadPrepared(request, { signal, onSpace, onProgress: onProgress && ((progress) => onProgress(partOf(progress, i, models.length))) });
        }
        return engine;
    } catch (error) {
        engine.abandon();
        throw error;
    }
}

/** What the engine is told of a model: where it is, and how to run it. */
async function prepare(source, { hashes = null, mustKeep = false, endpoint, ...options }) {
    const settings = checkSettings({ hashes, mustKeep, endpoint, ...options });
    const described = await describeSource(source, endpoint);
    return { source: { ...described, hashes: hashes === "auto" ? await findHashes(described) : readHashes(hashes), mustKeep }, options: settings };
}

/** The progress of one of several models as that of all. */
const partOf = (progress, index, count) => (count === 1 ? progress : { ...progress, fraction: (index + progress.fraction) / count });

class Engine {
    #connection;
    #settings;
    #infos = new Map();
    #stored = new Map();
    #progress = new Map();
    #log;

    constructor(channel, settings) {
        this.#settings = settings;
        this.#log = new Log(settings.logLevel, settings.onLog);
        const connection = this.#connection = new Connection(channel, {
            progress: (model, progress) => this.#progress.get(model)?.(progress),
            device: (model, event) => this.#hearDevice(model, event),
            stored: (model, storage) => this.#hearStored(model, storage),
            failed: (model, error) => {
                this.#infos.delete(model);
                this.#log.warn(`${model} ended: ${error.message}`);
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
    async load(source, { signal, onProgress, onSpace, ...options } = {}) {
        return this.loadPrepared(await prepare(source, { ...this.#settings.model, ...options }), { signal, onProgress, onSpace });
    }

    /** @internal */
    async loadPrepared(request, { signal, onProgress, onSpace }) {
        const info = await this.#connection.load(request, { signal, onProgress, onSpace });
        this.#infos.set(info.model.id, info);
        this.#progress.set(info.model.id, onProgress);
        this.#log.info(`${info.model.id} runs on ${info.device.kind} (${info.device.name}) after ${info.load.totalMillis} ms: ${info.device.reason}`);
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

    /** A conversation that begins with `messages`; the other fields are those of a chat request, for every turn. */
    session({ messages = [], ...defaults } = {}) {
        return new Session(this, asMessages(messages), defaults);
    }

    /**
     * A session that was saved, here or elsewhere. Its KV cache is put back where model and kind of device are the same; `restored` of the session
     * tells how many tokens that saves, and otherwise why they are computed again.
     */
    async restoreSession(saved, { model } = {}) {
        const { messages, defaults, cache } = await readSession(saved);
        const chosen = { ...defaults, ...(model === undefined ? {} : { model }) };
        const restored = await restoreCache(this, cache, chosen.model ?? null);
        this.#log.info(`a session of ${messages.length} messages was restored with ${restored.tokens} tokens. ${restored.note}`);
        return Object.assign(new Session(this, asMessages(messages), chosen), { restored });
    }

    /** @internal */
    async saveCache(tokens, model) {
        if (!this.#connection.carriesFiles) {
            return new Uint8Array(0);
        }
        return this.#connection.call("saveCache", { tokens, model: model ?? null });
    }

    /** @internal */
    async restoreCache(saved, model) {
        if (!this.#connection.carriesFiles) {
            throw invalidRequest("A KV cache can't be sent to where this engine runs.", "A browser extension's port carries JSON only.");
        }
        return this.#connection.call("restoreCache", { saved, model: model ?? null });
    }

    /** The text that the model is given for messages, with the beginning of its reply. */
    async renderPrompt(messages, { model, signal } = {}) {
        return (await this.#ask("/apply-template", { messages: asMessages(messages), model }, signal)).prompt;
    }

    /** The ids of a text's tokens, special tokens in it among them. */
    async tokenize(text, { addSpecial = false, model, signal } = {}) {
        return (await this.#ask("/tokenize", { content: text, add_special: addSpecial, model }, signal)).tokens;
    }

    /** The text of token ids. */
    async detokenize(tokens, { model, signal } = {}) {
        return (await this.#ask("/detokenize", { tokens: Array.from(tokens), model }, signal)).content;
    }

    /** Tokens of a text, or of messages as the model's chat template writes them, the beginning of the reply among them. */
    async countTokens(input, { model, signal } = {}) {
        const text = typeof input === "string" ? input : await this.renderPrompt(input, { model, signal });
        return (await this.tokenize(text, { addSpecial: typeof input !== "string", model, signal })).length;
    }

    /** Makes a function that changes logits known by a name, for `create(request, { logitProcessor: name })`. */
    async addLogitProcessor(name, processor) {
        if (typeof name !== "string" || name === "") {
            throw invalidRequest("A logit processor needs a name.", "", "name");
        }
        if (typeof processor === "function" && this.#settings.worker !== false && this.#settings.worker?.isThread !== true) {
            throw invalidRequest("A function of the page can't be called from where this engine runs.",
                "Give the address of a module whose default export it is, or create the engine with worker: false.", "processor");
        }
        const given = typeof processor === "function" ? processor : new URL(processor, globalThis.document?.baseURI ?? location.href).href;
        await this.#connection.call("addLogitProcessor", { name, processor: given });
    }

    /** What this browser gives the engine, where it runs, and the device of each model. */
    async report() {
        return { ...await this.#connection.call("report", {}), models: this.infos.map(({ model, device }) => ({ id: model.id, device })) };
    }

    /** From now on messages of this level and above are logged. */
    set logLevel(level) {
        splitOptions({ logLevel: level });
        this.#log.level = level;
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

    #hearStored(model, storage) {
        this.#log.info(storage.kind ? `${model} is kept (${storage.kind})` : `${model} is not kept: ${storage.note}`);
        this.#storing(model).resolve(storage);
    }

    #hearDevice(model, event) {
        const info = this.#infos.get(model);
        if (info && event.state === "replaced") {
            this.#infos.set(model, { ...info, device: event.device });
        }
        const told = event.state === "failed" ? { state: "failed", error: CremaError.from(event.error) } : event;
        this.#log.warn(event.state === "failed" ? `the device failed: ${told.error.message}` : `the device was replaced by ${event.device.name}`);
        this.#settings.onDevice?.({ ...told, model });
    }

    #create(path, request, { signal, priority = 0, logitProcessor = null } = {}) {
        if (request === null || typeof request !== "object") {
            return Promise.reject(invalidRequest("The request must be an object.", "For example { messages: [{ role: \"user\", content: \"Hi\" }] }."));
        }
        if (!Number.isInteger(priority) || Math.abs(priority) > 1000) {
            return Promise.reject(invalidRequest(`priority is ${priority}.`, "It is a whole number from -1000 to 1000; what is higher goes first.", "priority"));
        }
        const body = JSON.stringify(request);
        this.#log.debug(`${path}: ${body.length} characters${request.stream === true ? ", streamed" : ""}`);
        const options = { priority, logitProcessor };
        return request.stream === true
            ? new StreamReply(this.#connection, path, body, signal, options)
            : wholeReply(this.#connection, path, body, signal, options);
    }

    #ask(path, request, signal) {
        return wholeReply(this.#connection, path, JSON.stringify(request), signal);
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

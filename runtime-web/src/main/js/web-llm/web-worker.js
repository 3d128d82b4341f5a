// WebLLM's engine in a worker of the program's own. The handler is there, the engine here; requests and replies have WebLLM's kinds, but chunks of a
// stream are pushed several at a time instead of asked for one by one, and errors keep code, message and hint.

import { CremaError } from "../errors.js";
import { EventBatch } from "../worker-out.js";
import { MLCEngine } from "./engine.js";
import { noSession } from "./errors.js";
import { Chat, Completions, Embeddings } from "./protocol.js";

/** What a message asks of the engine. */
const CALLS = {
    unload: (engine) => engine.unload(),
    resetChat: (engine, { keepStats, modelId }) => engine.resetChat(keepStats, modelId),
    getMessage: (engine, { modelId }) => engine.getMessage(modelId),
    runtimeStatsText: (engine, { modelId }) => engine.runtimeStatsText(modelId),
    interruptGenerate: (engine) => engine.interruptGenerate(),
    getMaxStorageBufferBindingSize: (engine) => engine.getMaxStorageBufferBindingSize(),
    getGPUVendor: (engine) => engine.getGPUVendor(),
    forwardTokensAndSample: (engine, { inputIds, isPrefill, modelId }) => engine.forwardTokensAndSample(inputIds, isPrefill, modelId),
    chatCompletionNonStreaming: (engine, { request }) => engine.chatCompletion(request),
    completionNonStreaming: (engine, { request }) => engine.completion(request),
    embedding: (engine, { request }) => engine.embedding(request),
    setLogLevel: async (engine, level) => engine.setLogLevel(level),
    setAppConfig: async (engine, appConfig) => engine.setAppConfig(appConfig),
    keepAlive: async () => { },
};
const STREAMS = {
    chatCompletionStreamInit: (engine, { request }) => engine.chatCompletion(request),
    completionStreamInit: (engine, { request }) => engine.completion(request),
};

/** In the worker: `const handler = new WebWorkerMLCEngineHandler(); self.onmessage = (message) => handler.onmessage(message);`. */
export class WebWorkerMLCEngineHandler {
    #loaded = "";
    #streams = new Map();

    constructor() {
        this.engine = new MLCEngine();
        this.engine.setInitProgressCallback((report) => this.postMessage({ kind: "initProgressCallback", uuid: "", content: report }));
    }

    postMessage(message) {
        self.postMessage(message);
    }

    setLogitProcessorRegistry(registry) {
        this.engine.setLogitProcessorRegistry(registry);
    }

    /** Answers one message; resolves when it is done with. A kind that is not known is a customRequest's, for a class that extends this one. */
    onmessage(event, onComplete, onError) {
        const message = event?.data?.kind ? event.data : event;
        return this.handleTask(message?.uuid, () => this.#answer(message)).then(onComplete, onError);
    }

    async handleTask(uuid, task) {
        try {
            this.postMessage({ kind: "return", uuid, content: await task() });
        } catch (error) {
            this.postMessage({ kind: "throw", uuid, content: CremaError.of(error).toJSON(), name: error?.name });
        }
    }

    async #answer({ kind, content }) {
        if (kind === "reload") {
            return this.#reload(content);
        }
        if (kind === "streamReturn") {
            await this.#streams.get(content.streamId)?.return();
            return null;
        }
        if (content?.models && kind !== "interruptGenerate") {
            await this.#ensure(content);
        }
        if (STREAMS[kind]) {
            return this.#stream(content.streamId, await STREAMS[kind](this.engine, content));
        }
        if (!CALLS[kind]) {
            throw new CremaError({ code: "invalid_request", message: `A message of the kind ${kind} has no meaning here.`, status: 400, type: "invalid_request_error" });
        }
        return (await CALLS[kind](this.engine, content ?? {})) ?? null;
    }

    async #reload(content) {
        this.#loaded = "";
        if (content.models.appConfig) {
            this.engine.setAppConfig(content.models.appConfig);
        }
        await this.engine.reload(content.models.modelId, content.models.chatOpts);
        this.#loaded = content.models.key;
        return null;
    }

    /** A worker that was stopped and started again has no model: whoever asks says which it wants. */
    async #ensure(content) {
        if (content.models.key !== this.#loaded) {
            await this.#reload(content);
        }
    }

    #stream(streamId, stream) {
        const iterator = stream[Symbol.asyncIterator]();
        this.#streams.set(streamId, iterator);
        const batch = new EventBatch((events) => this.postMessage({ kind: "chunks", uuid: streamId, content: events }));
        void (async () => {
            try {
                for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
                    batch.add({ kind: "chunk", chunk: next.value });
                }
                batch.add({ kind: "done" });
            } catch (error) {
                batch.add({ kind: "error", error: CremaError.of(error).toJSON() });
            } finally {
                this.#streams.delete(streamId);
            }
        })();
        return null;
    }
}

export async function CreateWebWorkerMLCEngine(worker, modelId, engineConfig, chatOpts) {
    const engine = new WebWorkerMLCEngine(worker, engineConfig);
    await engine.reload(modelId, chatOpts);
    return engine;
}

/** The engine as the page sees it; `worker` has postMessage and onmessage, and a handler at its other end. */
export class WebWorkerMLCEngine {
    #initProgress;
    #models = null;
    #appConfig;
    #calls = new Map();
    #streams = new Map();

    constructor(worker, { appConfig, initProgressCallback, logLevel } = {}) {
        this.worker = worker;
        this.#appConfig = appConfig;
        this.#initProgress = initProgressCallback;
        worker.onmessage = (event) => this.onmessage(event);
        worker.onerror = (event) => this.failAll(new Error(event.message ?? "the worker could not be started"));
        if (logLevel !== undefined) {
            this.setLogLevel(logLevel);
        }
        this.chat = new Chat(this);
        this.completions = new Completions(this);
        this.embeddings = new Embeddings(this);
    }

    setInitProgressCallback(callback) {
        this.#initProgress = callback;
    }

    getInitProgressCallback() {
        return this.#initProgress;
    }

    setAppConfig(appConfig) {
        this.#appConfig = appConfig;
        void this.getPromise({ kind: "setAppConfig", content: appConfig });
    }

    setLogLevel(level) {
        void this.getPromise({ kind: "setLogLevel", content: level });
    }

    /** Sends a message and resolves with what comes back; also for messages of one's own to a handler that extends ours. */
    getPromise({ kind, uuid = crypto.randomUUID(), content }) {
        return new Promise((resolve, reject) => {
            this.#calls.set(uuid, { resolve, reject });
            this.worker.postMessage({ kind, uuid, content });
        });
    }

    async reload(modelId, chatOpts) {
        const models = { key: crypto.randomUUID(), modelId: [modelId].flat(), chatOpts: chatOpts === undefined || chatOpts === null ? undefined : [chatOpts].flat(), appConfig: this.#appConfig };
        await this.getPromise({ kind: "reload", content: { models } });
        this.#models = models;
    }

    async unload() {
        this.#models = null;
        await this.getPromise({ kind: "unload" });
    }

    async interruptGenerate() {
        await this.#call("interruptGenerate");
    }

    async chatCompletion(request) {
        return this.#ask("chatCompletion", request);
    }

    async completion(request) {
        return this.#ask("completion", request);
    }

    async embedding(request) {
        return this.#call("embedding", { request });
    }

    async getMessage(modelId) {
        return this.#call("getMessage", { modelId });
    }

    async runtimeStatsText(modelId) {
        return this.#call("runtimeStatsText", { modelId });
    }

    async resetChat(keepStats, modelId) {
        await this.#call("resetChat", { keepStats, modelId });
    }

    async getMaxStorageBufferBindingSize() {
        return this.#call("getMaxStorageBufferBindingSize");
    }

    async getGPUVendor() {
        return this.#call("getGPUVendor");
    }

    async forwardTokensAndSample(inputIds, isPrefill, modelId) {
        return this.#call("forwardTokensAndSample", { inputIds, isPrefill, modelId });
    }

    async listResumableSessions() {
        return [];
    }

    async resumeChatCompletion(sessionId) {
        throw noSession(sessionId);
    }

    async deleteResumableSession() { }

    #call(kind, content = {}) {
        return this.getPromise({ kind, content: { ...content, models: this.#models ?? undefined } });
    }

    async #ask(what, request) {
        if (!request.stream) {
            return this.#call(`${what}NonStreaming`, { request });
        }
        const streamId = crypto.randomUUID();
        const events = new Events(() => void this.getPromise({ kind: "streamReturn", content: { streamId } }));
        this.#streams.set(streamId, events);
        try {
            await this.#call(`${what}StreamInit`, { request, streamId });
        } catch (error) {
            this.#streams.delete(streamId);
            throw error;
        }
        return events.chunks(() => this.#streams.delete(streamId));
    }

    onmessage(event) {
        const message = event?.data?.kind ? event.data : event;
        const call = this.#calls.get(message.uuid);
        switch (message.kind) {
            case "initProgressCallback":
                this.#initProgress?.(message.content);
                break;
            case "return":
                this.#calls.delete(message.uuid);
                call?.resolve(message.content);
                break;
            case "throw":
                this.#calls.delete(message.uuid);
                call?.reject(namedError(message));
                break;
            case "chunks":
                this.#streams.get(message.uuid)?.push(message.content);
                break;
        }
    }

    /** A call or stream has reached this run of the worker at the other end. */
    heardBy(id, run) {
        const entry = this.#calls.get(id) ?? this.#streams.get(id);
        if (entry) {
            entry.run = run;
        }
    }

    /** Ends what is waited for, the worker at the other end is gone: all, or what another run of it than `run` has heard. */
    failAll(error, run) {
        const isLost = (entry) => run === undefined || (entry.run !== undefined && entry.run !== run);
        for (const [id, call] of [...this.#calls].filter(([, call]) => isLost(call))) {
            this.#calls.delete(id);
            call.reject(error);
        }
        for (const [id, events] of [...this.#streams].filter(([, events]) => isLost(events))) {
            this.#streams.delete(id);
            events.push([{ kind: "error", error: CremaError.of(error).toJSON() }]);
        }
    }
}

function namedError({ content, name }) {
    const error = CremaError.from(content);
    error.name = name ?? error.name;
    return error;
}

/** Events of one stream, as they come, for one reader. */
class Events {
    #events = [];
    #wake = null;
    #cancel;

    constructor(cancel) {
        this.#cancel = cancel;
    }

    push(events) {
        this.#events.push(...events);
        this.#wake?.();
    }

    async *chunks(close) {
        let ended = false;
        try {
            for (;;) {
                while (this.#events.length === 0) {
                    await new Promise((resolve) => { this.#wake = resolve; });
                }
                const { kind, chunk, error } = this.#events.shift();
                ended = kind !== "chunk";
                if (kind === "error") {
                    throw CremaError.from(error);
                }
                if (ended) {
                    return;
                }
                yield chunk;
            }
        } finally {
            close();
            if (!ended) {
                this.#cancel();
            }
        }
    }
}

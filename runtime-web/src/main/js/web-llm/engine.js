// WebLLM's MLCEngine: models of an AppConfig in one engine of Crema's.

import { createEngine } from "../crema.js";
import { invalidRequest } from "../errors.js";
import { cacheOf, findModel, prebuiltAppConfig, readChatOptions } from "./config.js";
import { engineNotLoaded, modelNotLoaded, noSession, unclearModel } from "./errors.js";
import { createLocalEngine } from "./local-engine.js";
import { Logger } from "./logger.js";
import { asLogitProcessor, asSampler } from "./processors.js";
import { Chat, Completions, Embeddings, chatRequest, completionRequest, postInitAndCheckFieldsEmbedding, readReply } from "./protocol.js";
import { LoadReports, Statistics } from "./reports.js";

/** An engine with the models loaded. */
export async function CreateMLCEngine(modelId, engineConfig, chatOpts) {
    const engine = new MLCEngine(engineConfig);
    await engine.reload(modelId, chatOpts);
    return engine;
}

export class MLCEngine {
    #appConfig;
    #initProgress;
    #processors;
    #log = new Logger();
    #crema = null;
    /** Loaded models by id: `{ id, defaults, message, statistics }`. */
    #models = new Map();
    #reloading = null;
    #inThread = false;
    #running = new Set();

    constructor({ appConfig = prebuiltAppConfig, initProgressCallback, logitProcessorRegistry, logLevel } = {}) {
        this.#appConfig = appConfig;
        this.#initProgress = initProgressCallback;
        this.#processors = logitProcessorRegistry;
        if (logLevel !== undefined) {
            this.setLogLevel(logLevel);
        }
        this.chat = new Chat(this);
        this.completions = new Completions(this);
        this.embeddings = new Embeddings(this);
    }

    setAppConfig(appConfig) {
        this.#appConfig = appConfig;
    }

    setInitProgressCallback(callback) {
        this.#initProgress = callback;
    }

    getInitProgressCallback() {
        return this.#initProgress;
    }

    /** For models that are loaded from now on. */
    setLogitProcessorRegistry(registry) {
        this.#processors = registry;
    }

    setLogLevel(level) {
        this.#log.setLevel(level);
    }

    /** Frees what is loaded, then loads one model or several. Ends early, and quietly, when unload is called meanwhile. */
    async reload(modelId, chatOpts) {
        const ids = [modelId].flat();
        const options = chatOpts === undefined || chatOpts === null ? ids.map(() => ({})) : [chatOpts].flat();
        if (options.length !== ids.length) {
            throw invalidRequest(`There are ${ids.length} models and ${options.length} ChatOptions.`, "Give one for each model, in the same order.", "chatOpts");
        }
        if (new Set(ids).size !== ids.length) {
            throw invalidRequest("A model is named twice.", "Each model can be loaded once.", "modelId");
        }
        const records = ids.map((id) => findModel(id, this.#appConfig));
        await this.unload();
        const abort = this.#reloading = new AbortController();
        try {
            await this.#load(records, options, abort.signal);
        } catch (error) {
            await this.#close();
            if (!abort.signal.aborted) {
                throw error;
            }
            this.#log.warn("Loading was ended by unload.");
        } finally {
            this.#reloading = this.#reloading === abort ? null : this.#reloading;
        }
    }

    async #load(records, options, signal) {
        // Functions of the program can't be called from another thread.
        this.#inThread = typeof document === "undefined" || this.#processors !== undefined;
        const crema = this.#crema = this.#inThread ? await createLocalEngine() : await createEngine(null);
        const reports = new LoadReports((report) => this.#initProgress?.(report), records.length);
        for (const [i, record] of records.entries()) {
            const { contextLength, defaults } = readChatOptions({ ...record.overrides, ...options[i] });
            const info = await crema.load(record.model, {
                id: record.model_id, contextLength, cache: cacheOf(this.#appConfig), signal, onProgress: (progress) => reports.hear(i, progress),
            });
            const model = { id: record.model_id, info, defaults, message: "", statistics: new Statistics(), tokens: [], processor: null, sampled: null };
            await this.#addProcessors(crema, model);
            this.#models.set(model.id, model);
        }
        signal.throwIfAborted();
        reports.finish([...this.#models.values()].at(-1).info.device);
    }

    async #addProcessors(crema, model) {
        if (!this.#inThread) {
            return;
        }
        const processor = this.#processors?.get(model.id);
        if (processor) {
            model.processor = `logits of ${model.id}`;
            await crema.addLogitProcessor(model.processor, asLogitProcessor(processor));
        }
        model.sampler = `sampler of ${model.id}`;
        await crema.addLogitProcessor(model.sampler, asSampler(processor, model.defaults, (token) => { model.sampled = token; }));
    }

    async unload() {
        this.#reloading?.abort();
        await this.#close();
    }

    async #close() {
        const crema = this.#crema;
        this.#crema = null;
        this.#models.clear();
        await crema?.close();
    }

    /** Ends what is being written; each reply keeps what it has, with finish_reason "abort". */
    async interruptGenerate() {
        this.#running.forEach((run) => { run.interrupted = true; });
        this.#crema?.interrupt();
    }

    async chatCompletion(request) {
        const model = this.#select(request.model, "chat.completions.create");
        return this.#run(model, this.#crema.chat.completions, chatRequest(request, model.defaults, model.id), (choice) => (choice.message ?? choice.delta)?.content);
    }

    async completion(request) {
        const model = this.#select(request.model, "completions.create");
        return this.#run(model, this.#crema.completions, completionRequest(request, model.defaults, model.id), (choice) => choice.text);
    }

    async embedding(request) {
        const model = this.#select(request.model, "embeddings.create");
        postInitAndCheckFieldsEmbedding(request);
        return this.#crema.embeddings.create({ ...request, model: model.id });
    }

    async #run(model, endpoint, body, textOf) {
        const run = { interrupted: false, began: performance.now() };
        this.#running.add(run);
        try {
            const reply = await endpoint.create(body, { logitProcessor: model.processor });
            model.message = "";
            if (body.stream) {
                return this.#chunks(model, run, reply, textOf);
            }
            this.#running.delete(run);
            return this.#hear(model, run, reply, textOf);
        } catch (error) {
            this.#running.delete(run);
            throw error;
        }
    }

    async *#chunks(model, run, stream, textOf) {
        try {
            for await (const chunk of stream) {
                yield this.#hear(model, run, chunk, textOf);
            }
        } finally {
            this.#running.delete(run);
        }
    }

    /** Keeps what getMessage and runtimeStatsText tell of. */
    #hear(model, run, reply, textOf) {
        const first = reply.choices.find(({ index }) => index === 0);
        model.message += (first && textOf(first)) ?? "";
        model.statistics.add(run, reply.timings);
        return readReply(reply, run.interrupted, (performance.now() - run.began) / 1000);
    }

    async getMessage(modelId) {
        return this.#select(modelId, "getMessage").message;
    }

    /** Of everything since the model was loaded or resetChat. */
    async runtimeStatsText(modelId) {
        return this.#select(modelId, "runtimeStatsText").statistics.text();
    }

    /** Nothing of an earlier chat goes into the next request anyway: this forgets the last message and, unless it is to be kept, the speed. */
    async resetChat(keepStats = false, modelId) {
        const model = this.#select(modelId, "resetChat");
        model.message = "";
        model.tokens = [];
        this.#processors?.get(model.id)?.resetState();
        if (!keepStats) {
            model.statistics = new Statistics();
        }
    }

    async getMaxStorageBufferBindingSize() {
        const adapter = await globalThis.navigator?.gpu?.requestAdapter();
        return adapter?.limits.maxStorageBufferBindingSize ?? 2 ** 30;
    }

    /** Empty without a GPU; models run on the processor then. */
    async getGPUVendor() {
        const adapter = await globalThis.navigator?.gpu?.requestAdapter();
        return adapter?.info?.vendor ?? "";
    }

    /** Appends tokens to those of earlier calls (resetChat forgets them), samples the next one, and resolves with it. */
    async forwardTokensAndSample(inputIds, isPrefill, modelId) {
        const model = this.#select(modelId, "forwardTokensAndSample");
        if (!this.#inThread) {
            throw invalidRequest("forwardTokensAndSample needs the model in this thread.", "Give MLCEngine a logitProcessorRegistry, which may be empty, or run it in a worker.",
                "logitProcessorRegistry");
        }
        model.tokens.push(...inputIds);
        await this.#crema.completions.create({ prompt: model.tokens, max_tokens: 1, temperature: 0, model: model.id }, { logitProcessor: model.sampler });
        return model.sampled;
    }

    async listResumableSessions() {
        return [];
    }

    async resumeChatCompletion(sessionId) {
        throw noSession(sessionId);
    }

    async deleteResumableSession() { }

    #select(modelId, what) {
        if (this.#models.size === 0) {
            throw engineNotLoaded(what);
        }
        const ids = [...this.#models.keys()];
        if (modelId === undefined || modelId === null) {
            if (ids.length > 1) {
                throw unclearModel(ids);
            }
            return this.#models.get(ids[0]);
        }
        if (!this.#models.has(modelId)) {
            throw modelNotLoaded(modelId, ids);
        }
        return this.#models.get(modelId);
    }
}

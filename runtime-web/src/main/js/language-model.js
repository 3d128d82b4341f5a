// The browser's Prompt API (LanguageModel) over Crema: code written for it runs in any browser, with a model of one's choice.
//
//     globalThis.LanguageModel ??= languageModel("https://example.com/model.gguf");

import { createEngine, listCached } from "./crema.js";
import { CremaError, abortReason } from "./errors.js";
import { readMessages, readOptions } from "./language-model/input.js";
import { LanguageModelSession } from "./language-model/session.js";
import { describeSource } from "./source.js";

const PARAMS = { defaultTopK: 40, maxTopK: 1000, defaultTemperature: 1, maxTemperature: 2 };

/**
 * An object with the statics of `LanguageModel`. The model is loaded by the first `create` and kept for all sessions; `close()`, which is Crema's own, frees it.
 * `source` and `engineOptions` are those of createEngine; `source` may be an engine as well, which is then the caller's to close.
 */
export function languageModel(source, engineOptions = {}) {
    const model = new SharedModel(source, engineOptions);
    return {
        async availability(options = {}) {
            return isForText(options) ? model.availability() : "unavailable";
        },
        async params() {
            return { ...PARAMS };
        },
        create: (options = {}) => create(model, options),
        close: () => model.close(),
    };
}

async function create(model, options) {
    if (options.signal?.aborted) {
        throw abortReason(options.signal);
    }
    if (!isForText(options)) {
        throw new DOMException("This model reads and writes text only.", "NotSupportedError");
    }
    const settings = readOptions(options, PARAMS);
    const messages = readMessages(options.initialPrompts ?? [], { initial: true });
    const engine = await model.open(watcher(options.monitor), options.signal);
    const session = new LanguageModelSession(engine, { ...settings, messages, initial: messages.length });
    await session.measure(options.signal);
    options.signal?.addEventListener("abort", () => session.destroy(options.signal.reason), { once: true });
    return session;
}

/** Whether all that is expected of a model is text. */
function isForText({ expectedInputs = [], expectedOutputs = [] }) {
    return [...expectedInputs, ...expectedOutputs].every(({ type }) => type === "text" || type === "tool-call" || type === "tool-response");
}

/** Tells the program's monitor how loading goes on, as a browser tells of a download: from 0 to 1. */
function watcher(monitor) {
    if (!monitor) {
        return () => { };
    }
    const target = new EventTarget();
    monitor(target);
    let before = -1;
    return (loaded) => {
        if (loaded > before) {
            before = loaded;
            const event = Object.assign(new Event("downloadprogress"), { loaded, total: 1, lengthComputable: true });
            target.dispatchEvent(event);
            target.ondownloadprogress?.(event);
        }
    };
}

/** One engine for all sessions. */
class SharedModel {
    #source;
    #options;
    #given;
    #opening = null;
    #engine = null;
    #watchers = new Set();

    constructor(source, options) {
        this.#given = typeof source?.chat?.completions?.create === "function";
        this.#source = this.#given ? null : source;
        this.#engine = this.#given ? source : null;
        this.#options = options;
    }

    async availability() {
        if (this.#engine && !this.#engine.closed) {
            return "available";
        }
        if (this.#given || typeof WebAssembly === "undefined") {
            return "unavailable";
        }
        if (this.#opening) {
            return "downloading";
        }
        const { url } = await describeSource(this.#source);
        if (url === undefined || /^(blob|file):/.test(url)) {
            return "available";
        }
        return (await listCached()).some(({ source, complete }) => complete && source === url) ? "available" : "downloadable";
    }

    async open(watch, signal) {
        watch(0);
        this.#watchers.add(watch);
        try {
            const engine = await withSignal(this.#opened(), signal);
            watch(1);
            return engine;
        } finally {
            this.#watchers.delete(watch);
        }
    }

    async #opened() {
        if (this.#engine?.closed) {
            if (this.#given) {
                throw new DOMException("The engine is closed.", "InvalidStateError");
            }
            this.#engine = null;
        }
        if (this.#engine === null) {
            this.#opening ??= this.#load();
            await this.#opening;
        }
        return this.#engine;
    }

    async #load() {
        try {
            const onProgress = (progress) => {
                this.#watchers.forEach((watch) => watch(Math.min(progress.fraction, 0.999)));
                this.#options.onProgress?.(progress);
            };
            this.#engine = await createEngine(this.#source, { ...this.#options, onProgress });
        } finally {
            this.#opening = null;
        }
    }

    async close() {
        await this.#opening?.catch(() => { /* whoever created a session has heard */ });
        if (this.#engine && !this.#given) {
            await this.#engine.close();
            this.#engine = null;
        }
    }
}

/** Waits for what others may be waiting for too: aborting ends the waiting only. */
function withSignal(promise, signal) {
    if (!signal) {
        return promise;
    }
    return new Promise((resolve, reject) => {
        const abort = () => reject(abortReason(signal));
        signal.addEventListener("abort", abort, { once: true });
        promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    });
}

export { CremaError };

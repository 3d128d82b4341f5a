// The engine of this page: which model is loaded, how loading goes on, what went wrong.

import { createEngine } from "../crema/crema.js";
import { changeSettings, settings } from "./settings.js";

/** The model that comes with the site. */
export const BUILT_IN = new URL("models/crema-tiny/", document.baseURI).href;

/**
 * States: `loading` (with `progress`), `ready` (with `engine`), `failed` (with `error`). `change` events tell of a new state, `progress`
 * events of progress.
 */
export class Host extends EventTarget {
    state = "loading";
    progress = { phase: "open", file: "", loaded: 0, total: -1, fraction: 0 };
    engine = null;
    error = null;
    /** What is or was to be loaded: a URL, a File or Files. */
    source = settings.values.model ?? BUILT_IN;
    storage = null;
    #loading = null;

    get name() {
        return this.engine?.info.model.id ?? sourceName(this.source);
    }

    get isBuiltIn() {
        return this.source === BUILT_IN;
    }

    /** Loads a model in place of the present one. Loading another meanwhile gives this one up. */
    async load(source = this.source) {
        this.#loading?.abort();
        const loading = this.#loading = new AbortController();
        const previous = this.engine;
        Object.assign(this, { source, state: "loading", engine: null, error: null, storage: null });
        this.progress = { phase: "open", file: "", loaded: 0, total: -1, fraction: 0 };
        this.#tell("change");
        await previous?.close();
        try {
            const engine = await createEngine(source, {
                device: settings.values.device,
                selfTest: new URLSearchParams(location.search).get("selftest") ?? "auto",
                tune: new URLSearchParams(location.search).get("tune") ?? "auto",
                signal: loading.signal,
                onProgress: (progress) => {
                    if (this.#loading === loading) {
                        this.progress = progress;
                        this.#tell("progress");
                    }
                },
            });
            this.#ready(engine, source);
        } catch (error) {
            if (this.#loading === loading) {
                this.#failed(error);
            }
        }
    }

    #ready(engine, source) {
        Object.assign(this, { engine, state: "ready" });
        changeSettings({ model: typeof source === "string" && source !== BUILT_IN ? source : null });
        engine.stored.then((storage) => {
            if (this.engine === engine) {
                this.storage = storage;
                this.#tell("stored");
            }
        });
        engine.lost.then((error) => {
            if (this.engine === engine) {
                this.#failed(error);
            }
        });
        this.#tell("change");
    }

    #failed(error) {
        Object.assign(this, { state: "failed", engine: null, error });
        this.#tell("change");
    }

    #tell(name) {
        this.dispatchEvent(new Event(name));
    }
}

function sourceName(source) {
    if (typeof source === "string") {
        const parts = new URL(source, document.baseURI).pathname.split("/").filter((part) => part !== "");
        return decodeURIComponent((parts.at(-2) === "resolve" ? parts.at(-3) : parts.at(-1)) ?? "model");
    }
    return source.name ?? source[0]?.name ?? "model";
}

/** A line about loading for people: "Downloading 3.1 of 5.8 MB". */
export function describeProgress({ phase, loaded, total, file }) {
    const part = total > 0 ? `${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB` : loaded > 0 ? `${(loaded / 1e6).toFixed(1)} MB` : "";
    switch (phase) {
        case "open": return file.includes("another tab") ? "Another tab is downloading this model" : "Opening the model";
        case "download": return `Downloading ${part}`;
        case "test": return `Testing the GPU: ${file}`;
        case "upload": return `Filling the weights in, ${part}`;
        case "tune": return "Finding the fastest kernels";
        case "compile": return total > 0 ? `Preparing the kernels, ${loaded} of ${total}` : "Preparing the kernels";
        default: return "Ready";
    }
}

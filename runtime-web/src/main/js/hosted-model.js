// A model where it runs: its files, its Java, and the requests of any number of clients.

import { CremaError } from "./errors.js";
import { openFiles } from "./files.js";
import { loadJava } from "./java.js";
import { openKernels } from "./kernels.js";
import { recall, remember } from "./notes.js";
import { selfTestFiles } from "./selftest.js";
import { LoadProgress, hostTurn } from "./worker-out.js";

/** `listener` hears `progress(report)`, `device(event)`, `failed(error)` of a model that can't go on, and `space(event)` of the store. */
export class HostedModel {
    #java = null;
    #files = null;
    #listener;
    #abort = new AbortController();
    #replies = new Map();
    #nextId = 1;
    #closed = false;
    info = null;
    /** Resolves, once the model runs, with what became of keeping it. */
    stored = null;

    constructor(listener) {
        this.#listener = listener;
    }

    get id() {
        return this.info.model.id;
    }

    /** Loads; resolves with the info of it. What goes wrong leaves nothing behind. */
    async load(source, options) {
        const began = performance.now();
        const newProgress = () => new LoadProgress((report) => this.#listener.progress(report));
        let progress = newProgress();
        const files = openFiles(source, options.cache, {
            progress: (file, loaded, total) => progress.report("download", file, loaded, total),
            waiting: (file) => progress.report("open", `${file}: another tab is downloading it`, 0, -1),
            space: (event) => this.#listener.space?.(event),
        }, this.#abort.signal);
        this.#files = files;
        progress.report("open", files.name, 0, -1);
        try {
            this.#java = await loadJava();
            const compiled = performance.now();
            this.info = await new Promise((resolve, reject) => {
                this.#abort.signal.addEventListener("abort", () => reject(this.#abort.signal.reason), { once: true });
                this.#java.load(this.#host({
                    progress: (phase, what, done, total) => progress.report(phase, what, done, total),
                    loaded: (json) => {
                        const info = JSON.parse(json);
                        info.load = { engineMillis: Math.round(compiled - began), ...info.load, totalMillis: Math.round(performance.now() - began) };
                        progress.report("ready", info.model.id, 1, 1);
                        resolve(info);
                    },
                    deviceFailed: (json) => {
                        progress = newProgress();
                        this.#listener.device({ state: "failed", error: JSON.parse(json) });
                    },
                    deviceReplaced: (json) => {
                        progress.report("ready", files.name, 1, 1);
                        this.#replaced({ state: "replaced", device: JSON.parse(json) });
                    },
                    failed: (json) => {
                        const error = CremaError.from(JSON.parse(json));
                        this.info === null ? reject(error) : this.#listener.failed(error);
                    },
                }), files, JSON.stringify(options));
            });
            this.stored = this.#settle();
            return this.info;
        } catch (error) {
            this.close();
            throw error;
        }
    }

    /** Ends a load under way. */
    abort(reason) {
        this.#abort.abort(reason);
        this.#java?.abortLoad();
    }

    /** Starts a request (`processor` changes its logits, or is null), of which `hear(event)` hears; returns its number for `cancel`. */
    request(path, body, priority, processor, hear) {
        const id = this.#nextId++;
        this.#replies.set(id, hear);
        this.#java.request(id, path, body, priority, processor);
        return id;
    }

    cancel(id) {
        if (this.#replies.delete(id)) {
            this.#java?.cancel(id);
        }
    }

    /** Ends a reply where it is, as if the model had ended it. */
    finish(id) {
        this.#java?.finish(id);
    }

    /** What the KV cache has of the beginning of a text, as bytes; none where it has nothing. */
    save(tokens) {
        return new Promise((resolve, reject) => {
            this.#java.save(Int32Array.from(tokens), (saved, error) => (error === null ? resolve(new Uint8Array(saved)) : reject(CremaError.from(JSON.parse(error)))));
        });
    }

    /** Puts saved bytes into the KV cache; the number of tokens that they are of. */
    restore(saved) {
        const answer = JSON.parse(this.#java.restore(new Int8Array(saved.buffer, saved.byteOffset, saved.length)));
        if (answer.error) {
            throw CremaError.from(answer);
        }
        return answer.tokens;
    }

    /** What the model is doing: `{ running, waiting, kvPages, freeKvPages }`. */
    status() {
        return JSON.parse(this.#java.status());
    }

    close() {
        if (!this.#closed) {
            this.#closed = true;
            this.#replies.clear();
            this.#abort.abort(new DOMException("The model was unloaded.", "AbortError"));
            void this.#files?.close();
            const java = this.#java;
            this.#java = null;
            java?.close();
        }
    }

    #replaced(event) {
        if (this.info !== null) {
            this.info.device = event.device;
        }
        this.#listener.device(event);
    }

    /** What Java calls; see dev.crema.web.worker.Host. */
    #host(loading) {
        const tell = (id, event) => {
            const hear = this.#replies.get(id);
            if (event.kind !== "chunk") {
                this.#replies.delete(id);
            }
            hear?.(event);
        };
        return {
            ...loading,
            reply: (id, json) => tell(id, { kind: "reply", json }),
            chunk: (id, json) => tell(id, { kind: "chunk", json }),
            done: (id) => tell(id, { kind: "done" }),
            error: (id, status, json) => tell(id, { kind: "error", json, status }),
            turn: hostTurn,
            openKernels: (threads) => openKernels({ threads }),
            recall,
            selfTestFiles,
            remember,
        };
    }

    /** What is still to be stored does not hold up the first answer. */
    #settle() {
        return this.#files.settle().catch((error) => ({ kind: null, fromCache: false, note: `The model is not kept: ${error.message}` }));
    }
}

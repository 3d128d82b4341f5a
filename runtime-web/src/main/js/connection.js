// The page's end of the worker: one load, then any number of requests side by side.

import { CremaError, abortReason, closed, internal } from "./errors.js";

/** Browsers start workers from the page's own origin only; a package on another host is imported by a worker of ours. */
function startPackageWorker(url) {
    const options = { type: "module", name: "crema" };
    if (url.origin === location.origin) {
        return new Worker(url, options);
    }
    const own = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" }));
    const worker = new Worker(own, options);
    worker.addEventListener("message", () => URL.revokeObjectURL(own), { once: true });
    return worker;
}

/** Owns a worker. A request's events reach its handler `{ reply, chunk, done, error }` in order. */
export class Connection {
    #worker;
    #handlers = new Map();
    #nextId = 1;
    #loading = null;
    #onProgress;
    #onDevice;
    #announceLoss;
    #announceStored;
    #failure = null;
    #closing = null;

    /** Resolves with the error that ended the engine (a device lost twice, a crash); stays pending while all is well. */
    lost = new Promise((resolve) => { this.#announceLoss = resolve; });

    /** Resolves with what became of storing the model. */
    stored = new Promise((resolve) => { this.#announceStored = resolve; });

    /** `startWorker` makes the worker from the address of its script; null for the usual way. */
    constructor(startWorker = null) {
        this.#worker = (startWorker ?? startPackageWorker)(new URL("./worker.js", import.meta.url));
        this.#worker.onmessage = ({ data }) => this.#receive(data);
        this.#worker.onerror = (event) => {
            event.preventDefault?.();
            this.#fail(internal(event.message ? event : new Error("the worker could not be started")));
        };
        this.#worker.onmessageerror = () => this.#fail(internal(new Error("a message from the worker could not be read")));
    }

    get closed() {
        return this.#failure !== null;
    }

    /** Sends the load request; resolves with the engine's info. Aborting ends the worker, whatever it is doing. */
    async load(request, { onProgress, onDevice, signal }) {
        this.#onProgress = onProgress;
        this.#onDevice = onDevice;
        const abort = () => this.#loading?.reject(abortReason(signal));
        signal?.addEventListener("abort", abort, { once: true });
        try {
            return await new Promise((resolve, reject) => {
                this.#loading = { resolve, reject };
                this.#worker.postMessage({ kind: "load", ...request });
            });
        } finally {
            this.#loading = null;
            signal?.removeEventListener("abort", abort);
        }
    }

    /** Starts a request and returns the function that cancels it; after cancelling its handler hears nothing more. */
    request(path, body, handler) {
        if (this.#failure) {
            throw this.#failure;
        }
        const id = this.#nextId++;
        this.#handlers.set(id, handler);
        this.#worker.postMessage({ kind: "request", id, path, body });
        return () => {
            if (this.#handlers.delete(id)) {
                this.#worker.postMessage({ kind: "cancel", id });
            }
        };
    }

    /** Lets the engine free its device, then ends the worker. */
    close() {
        this.#closing ??= (async () => {
            if (!this.#failure) {
                this.#end(closed());
                await new Promise((resolve) => {
                    const timer = setTimeout(resolve, 2000);
                    this.#worker.onmessage = ({ data }) => {
                        if (data.kind === "closed") {
                            clearTimeout(timer);
                            resolve();
                        }
                    };
                    this.#worker.postMessage({ kind: "close" });
                });
            }
            this.terminate();
        })();
        return this.#closing;
    }

    terminate() {
        this.#end(closed());
        this.#worker.terminate();
    }

    #receive(message) {
        switch (message.kind) {
            case "progress":
                this.#onProgress?.(message.progress);
                break;
            case "device":
                this.#onDevice?.(message.event);
                break;
            case "loaded":
                this.#loading?.resolve(message.info);
                break;
            case "stored":
                this.#announceStored(message.storage);
                break;
            case "failed":
                this.#fail(CremaError.from(message.error));
                break;
            case "events":
                for (const event of message.events) {
                    this.#deliver(event);
                }
                break;
        }
    }

    #deliver({ id, kind, json, status }) {
        const handler = this.#handlers.get(id);
        if (!handler) {
            return;
        }
        if (kind !== "chunk") {
            this.#handlers.delete(id);
        }
        handler[kind](json, status);
    }

    #fail(error) {
        if (this.#loading) {
            this.#loading.reject(error);
        } else if (!this.#failure) {
            this.#end(error);
            this.#announceLoss(error);
            this.#worker.terminate();
        }
    }

    #end(error) {
        if (this.#failure) {
            return;
        }
        this.#failure = error;
        const handlers = [...this.#handlers.values()];
        this.#handlers.clear();
        for (const handler of handlers) {
            handler.error(JSON.stringify(error), error.status);
        }
    }
}

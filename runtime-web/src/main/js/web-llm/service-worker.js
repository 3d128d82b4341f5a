// WebLLM's engine in the site's service worker, shared by its pages.

import { closed, invalidRequest } from "../errors.js";
import { WebWorkerMLCEngine, WebWorkerMLCEngineHandler } from "./web-worker.js";

const KEEP_ALIVE_MILLIS = 10_000;

/** In the service worker: `const handler = new ServiceWorkerMLCEngineHandler();`, while its script is first run. */
export class ServiceWorkerMLCEngineHandler extends WebWorkerMLCEngineHandler {
    /** Of this run of the script: pages notice by it that the browser stopped the worker meanwhile. */
    #run = crypto.randomUUID();
    #pages = new Map();

    constructor() {
        super();
        self.addEventListener("message", (event) => this.onmessage(event));
    }

    onmessage(event, onComplete, onError) {
        const message = event.data;
        if (typeof message?.kind !== "string" || typeof message.uuid !== "string") {
            return Promise.resolve();
        }
        event.source.postMessage({ kind: "heartbeat", uuid: message.uuid, streamId: message.content?.streamId, run: this.#run });
        if (message.kind === "keepAlive") {
            return Promise.resolve();
        }
        this.#pages.set(message.uuid, event.source);
        if (message.content?.streamId) {
            this.#pages.set(message.content.streamId, event.source);
        }
        const answered = super.onmessage(event, onComplete, onError).finally(() => this.#pages.delete(message.uuid));
        event.waitUntil?.(answered);
        return answered;
    }

    postMessage(message) {
        const page = this.#pages.get(message.uuid);
        for (const target of page ? [page] : new Set(this.#pages.values())) {
            target.postMessage(message);
        }
        if (message.kind === "chunks" && message.content.at(-1).kind !== "chunk") {
            this.#pages.delete(message.uuid);
        }
    }
}

/** Waits for the service worker that the page has registered. */
export async function CreateServiceWorkerMLCEngine(modelId, engineConfig, chatOpts, keepAliveMs = KEEP_ALIVE_MILLIS) {
    if (!globalThis.navigator?.serviceWorker) {
        throw invalidRequest("There are no service workers here.", "They need https or localhost, and a page.");
    }
    await navigator.serviceWorker.ready;
    const engine = new ServiceWorkerMLCEngine(engineConfig, keepAliveMs);
    await engine.reload(modelId, chatOpts);
    return engine;
}

export class ServiceWorkerMLCEngine extends WebWorkerMLCEngine {
    #run = null;
    missedHeartbeat = 0;

    constructor(engineConfig, keepAliveMs = KEEP_ALIVE_MILLIS) {
        super(new ServiceWorkerEnd(), engineConfig);
        setInterval(() => {
            this.missedHeartbeat++;
            this.worker.postMessage({ kind: "keepAlive", uuid: crypto.randomUUID() });
        }, keepAliveMs);
    }

    onmessage(event) {
        const { kind, uuid, streamId, run } = event.data ?? {};
        if (kind !== "heartbeat") {
            super.onmessage(event);
            return;
        }
        this.missedHeartbeat = 0;
        this.heardBy(uuid, run);
        this.heardBy(streamId, run);
        if (this.#run !== null && this.#run !== run) {
            const error = closed();
            error.hint = "The browser stopped the service worker while it was busy. Ask again: the model is loaded anew, from the store.";
            this.failAll(error, run);
        }
        this.#run = run;
    }
}

/** The page's service worker, whichever is active when something is sent. */
class ServiceWorkerEnd {
    #listener = null;

    set onmessage(listener) {
        if (this.#listener) {
            navigator.serviceWorker.removeEventListener("message", this.#listener);
        }
        this.#listener = listener;
        navigator.serviceWorker.addEventListener("message", listener);
        navigator.serviceWorker.startMessages();
    }

    postMessage(message) {
        void navigator.serviceWorker.ready.then(({ active }) => (navigator.serviceWorker.controller ?? active).postMessage(message));
    }
}

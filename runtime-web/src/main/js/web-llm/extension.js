// WebLLM's engine in the service worker of a browser extension, over a chrome.runtime.Port.

import { WebWorkerMLCEngine, WebWorkerMLCEngineHandler } from "./web-worker.js";

const PORT_NAME = "web_llm_service_worker";
const KEEP_ALIVE_MILLIS = 10_000;

/** `chrome.runtime.onConnect.addListener((port) => { ... port.onMessage.addListener(handler.onmessage.bind(handler)); })`. */
export class ExtensionServiceWorkerMLCEngineHandler extends WebWorkerMLCEngineHandler {
    port = null;

    constructor(port) {
        super();
        this.setPort(port);
    }

    /** Another page of the extension has connected. */
    setPort(port) {
        this.port = port;
        port.onDisconnect.addListener(() => this.onPortDisconnect(port));
    }

    onPortDisconnect(port) {
        if (this.port === port) {
            this.port = null;
        }
    }

    postMessage(message) {
        this.port?.postMessage(message);
    }

    onmessage(event) {
        return event.kind === "keepAlive" ? Promise.resolve() : super.onmessage(event);
    }
}

export async function CreateExtensionServiceWorkerMLCEngine(modelId, engineConfig, chatOpts, keepAliveMs = KEEP_ALIVE_MILLIS) {
    const engine = new ExtensionServiceWorkerMLCEngine(engineConfig, keepAliveMs);
    await engine.reload(modelId, chatOpts);
    return engine;
}

export class ExtensionServiceWorkerMLCEngine extends WebWorkerMLCEngine {
    constructor({ extensionId, onDisconnect, ...config } = {}, keepAliveMs = KEEP_ALIVE_MILLIS) {
        const port = extensionId ? chrome.runtime.connect(extensionId, { name: PORT_NAME }) : chrome.runtime.connect({ name: PORT_NAME });
        super(new PortEnd(port), config);
        this.port = port;
        this.extensionId = extensionId;
        const timer = setInterval(() => port.postMessage({ kind: "keepAlive", uuid: "" }), keepAliveMs);
        port.onDisconnect.addListener(() => {
            clearInterval(timer);
            this.failAll(new Error("the extension's port was disconnected"));
            onDisconnect?.();
        });
    }
}

/** A port with a worker's face. */
class PortEnd {
    #port;

    constructor(port) {
        this.#port = port;
    }

    set onmessage(listener) {
        this.#port.onMessage.addListener(listener);
    }

    postMessage(message) {
        this.#port.postMessage(message);
    }
}

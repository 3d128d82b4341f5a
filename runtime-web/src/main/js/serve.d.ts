import type { ExtensionPort } from "./crema.js";

/** What a dedicated worker has of a port: its `self`. */
export interface WorkerScope {
    postMessage(message: any, options?: StructuredSerializeOptions): void;
    addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

/**
 * Serves the page that has the other end of `port`, which calls `createEngine(source, { worker: port })`: from a worker of your own, a browser
 * extension's service worker (`chrome.runtime.onConnect.addListener(serveEngine)`) or its offscreen document. All ports of one place share an
 * engine. Returns a function that ends serving; it ends by itself when the page closes the engine or is gone.
 */
export function serveEngine(port: MessagePort | Worker | WorkerScope | ExtensionPort): () => void;

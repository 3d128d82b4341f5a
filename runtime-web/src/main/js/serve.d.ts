import type { ExtensionPort } from "./crema.js";

/**
 * Serves the page that has the other end of `port`, which calls `createEngine(source, { worker: port })`: from a worker of your own, a browser
 * extension's service worker (`chrome.runtime.onConnect.addListener(serveEngine)`) or its offscreen document. All ports of one place share an
 * engine. Returns a function that ends serving; it ends by itself when the page closes the engine or is gone.
 */
export function serveEngine(port: MessagePort | Worker | DedicatedWorkerGlobalScope | ExtensionPort): () => void;

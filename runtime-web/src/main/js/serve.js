// An engine at the other end of a port: for a worker of one's own, a browser extension's service worker or its offscreen document.
//
//     import { serveEngine } from "./crema/serve.js";
//     chrome.runtime.onConnect.addListener((port) => port.name === "crema" && serveEngine(port));

import { isTrap, watchCrashes } from "./crashes.js";
import { EngineHost } from "./host.js";
import { CLIENT_LOCK, toPort } from "./port.js";

let own = null;

/** Serves the page that has the other end of `port` (a MessagePort, a Worker's global, an extension's Port): `createEngine(source, { worker: port })`. */
export function serveEngine(port) {
    if (own === null) {
        own = new EngineHost();
        watchCrashes((error) => own.crash(error), isTrap);
    }
    return servePort(own, port);
}

/** Serves one port until its client closes it, or is gone. */
export function servePort(host, target) {
    const port = toPort(target);
    const client = host.connect(port);
    port.listen((message) => {
        if (message.kind === "hello") {
            closeWhenGone(client, message.lock);
        } else {
            client.receive(message);
        }
    }, () => client.close());
    return () => client.close();
}

/** A page holds a lock as long as it is there: whoever gets it knows that the page has gone. */
export function closeWhenGone(client, lock) {
    if (lock?.startsWith(CLIENT_LOCK)) {
        void navigator.locks?.request(lock, () => client.close()).catch(() => { /* this place has no locks: then the page has to close */ });
    }
}

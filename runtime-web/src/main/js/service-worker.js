// The engine in a service worker: one for all pages, without one of them open. A script of one's own may import this one; it answers
// messages of Crema only. The browser may stop it at any time; pages notice by its answer "stranger" and load their models again, from the store.

import { isTrap, watchCrashes } from "./crashes.js";
import { EngineHost } from "./host.js";
import { closeWhenGone } from "./serve.js";

const host = new EngineHost();
const clients = new Map();
watchCrashes((error) => host.crash(error), isTrap);

self.addEventListener("message", (event) => {
    const { crema: connection, message } = event.data ?? {};
    if (typeof connection !== "string") {
        return;
    }
    const { source } = event;
    const post = (reply) => source.postMessage({ crema: connection, message: reply });
    if (message.kind === "hello") {
        const client = host.connect({ post });
        clients.set(connection, client);
        closeWhenGone({ close: () => { client.close(); clients.delete(connection); } }, message.lock);
        post({ kind: "welcome" });
    } else if (!clients.has(connection)) {
        post({ kind: "stranger" });
    } else if (message.kind !== "ping") {
        clients.get(connection).receive(message);
        if (message.kind === "close") {
            clients.delete(connection);
        }
    }
});

self.addEventListener("install", () => self.skipWaiting());

// How a page reaches the engine, by the option `worker`. A channel has `post(message)`, `listen({ message, end, restarted })`, `close()`, and says
// whether it is `exclusive`: an engine of this page alone, which closing the channel ends.

import { invalidRequest } from "./errors.js";
import { CLIENT_LOCK, toPort } from "./port.js";
import { isElsewhere, packageFile, startEngineWorker } from "./surroundings.js";

/** A service worker that hears nothing for 30 seconds is stopped; one that was stopped all the same is noticed after this long. */
const KEEP_ALIVE_MILLIS = 4_000;

export async function openChannel({ worker, startWorker, serviceWorker }) {
    switch (worker) {
        case "dedicated":
            return new DedicatedChannel(startWorker ? startWorker(packageFile("worker.js")) : startEngineWorker());
        case "shared":
            return new PortChannel(startSharedWorker(startWorker).port, await holdLock());
        case "service":
            return ServiceChannel.open(serviceWorker, await holdLock());
        case false:
            return new LocalChannel(await import("./host.js"), await import("./crashes.js"));
        default:
            return new PortChannel(worker, await holdLock());
    }
}

function startSharedWorker(startWorker) {
    if (typeof SharedWorker === "undefined") {
        throw invalidRequest("This browser has no shared workers.", "Leave out worker: \"shared\".", "worker");
    }
    const script = packageFile("shared-worker.js");
    if (startWorker) {
        return startWorker(script);
    }
    if (isElsewhere()) {
        throw invalidRequest(`A shared worker must come from the page's own origin, not from ${script.origin}.`, "Serve the package with the page.", "worker");
    }
    return new SharedWorker(new URL("./shared-worker.js", import.meta.url), { type: "module", name: "crema" });
}

/** Holds a lock of its own until `release` is called or the page is gone: how the engine learns that. */
async function holdLock() {
    const name = CLIENT_LOCK + crypto.randomUUID();
    if (!navigator.locks) {
        return { name: null, release() { } };
    }
    let release;
    await new Promise((held) => {
        void navigator.locks.request(name, () => new Promise((resolve) => {
            release = resolve;
            held();
        }));
    });
    return { name, release };
}

class DedicatedChannel {
    exclusive = true;
    carriesFiles = true;
    #worker;

    constructor(worker) {
        this.#worker = worker;
    }

    listen({ message, end }) {
        this.#worker.onmessage = ({ data }) => message(data);
        this.#worker.onerror = (event) => {
            event.preventDefault?.();
            end(event.message ? event : new Error("the worker could not be started"));
        };
        this.#worker.onmessageerror = () => end(new Error("a message from the worker could not be read"));
    }

    post(message) {
        this.#worker.postMessage(message);
    }

    close() {
        this.#worker.terminate();
    }
}

/** To a shared worker, or to wherever serveEngine has the other end. */
class PortChannel {
    exclusive = false;
    #port;
    #lock;

    constructor(target, lock) {
        this.#port = toPort(target);
        this.#lock = lock;
        this.carriesFiles = this.#port.carriesFiles;
    }

    listen({ message, end }) {
        this.#port.listen(message, end);
        this.#port.post({ kind: "hello", lock: this.#lock.name });
    }

    post(message) {
        this.#port.post(message);
    }

    close() {
        this.#lock.release();
        this.#port.close();
    }
}

/** To the engine in this page: no worker, so a step of the model holds up the page. */
class LocalChannel {
    exclusive = true;
    carriesFiles = true;
    #client;
    #hear = () => { };
    #unwatch;

    constructor({ EngineHost }, { isTrap, watchCrashes }) {
        const host = new EngineHost();
        this.#client = host.connect({ post: (message) => queueMicrotask(() => this.#hear(message)) });
        this.#unwatch = watchCrashes((error) => host.crash(error), isTrap);
    }

    listen({ message }) {
        this.#hear = message;
    }

    post(message) {
        this.#client.receive(message);
    }

    close() {
        this.#client.close();
        this.#unwatch();
        this.#hear = () => { };
    }
}

/** To the package's service worker, or to one of the site's own that imports it (`serviceWorker`: its registration). */
class ServiceChannel {
    exclusive = false;
    carriesFiles = true;
    #worker;
    #lock;
    #connection = crypto.randomUUID();
    #heard;
    #timer;
    /** After a restart the worker has to be greeted anew; what is posted meanwhile is of the old one and void. */
    #restarting = false;

    static async open(registration, lock) {
        if (!navigator.serviceWorker) {
            throw invalidRequest("There are no service workers here.", "They need https or localhost; leave out worker: \"service\".", "worker");
        }
        const used = registration ?? await navigator.serviceWorker.register(new URL("./service-worker.js", import.meta.url), { type: "module" });
        return new ServiceChannel(await whenActive(used), lock);
    }

    constructor(worker, lock) {
        this.#worker = worker;
        this.#lock = lock;
    }

    listen({ message, restarted }) {
        this.#heard = ({ data }) => {
            if (data?.crema !== this.#connection) {
                return;
            }
            if (data.message.kind === "stranger") {
                this.#greetAgain();
            } else if (data.message.kind === "welcome") {
                if (this.#restarting) {
                    this.#restarting = false;
                    restarted();
                }
            } else {
                message(data.message);
            }
        };
        navigator.serviceWorker.addEventListener("message", this.#heard);
        navigator.serviceWorker.startMessages();
        this.#send({ kind: "hello", lock: this.#lock.name });
        this.#timer = setInterval(() => this.#send({ kind: "ping" }), KEEP_ALIVE_MILLIS);
    }

    post(message) {
        if (!this.#restarting) {
            this.#send(message);
        }
    }

    close() {
        clearInterval(this.#timer);
        navigator.serviceWorker.removeEventListener("message", this.#heard);
        this.#lock.release();
    }

    #greetAgain() {
        if (!this.#restarting) {
            this.#restarting = true;
            this.#send({ kind: "hello", lock: this.#lock.name });
        }
    }

    #send(message) {
        this.#worker.postMessage({ crema: this.#connection, message });
    }
}

async function whenActive(registration) {
    for (;;) {
        const { active, waiting, installing } = registration;
        if (active) {
            return active;
        }
        const next = waiting ?? installing;
        if (!next) {
            throw new Error("the service worker could not be installed");
        }
        await new Promise((resolve) => next.addEventListener("statechange", resolve, { once: true }));
    }
}

// Crema's engine in the same thread, without a worker of its own: for workers, service workers (which can start none) and functions of the program.

import { createEngine } from "../crema.js";
import { serveEngine } from "../serve.js";

/** An end of a conversation within one thread: what goes over it is not copied. */
class ThreadPort {
    /** Functions go over it as well. */
    isThread = true;
    #listeners = [];
    #peer = null;

    static pair() {
        const [one, other] = [new ThreadPort(), new ThreadPort()];
        one.#peer = other;
        other.#peer = one;
        return [one, other];
    }

    postMessage(message) {
        queueMicrotask(() => this.#peer.#listeners.forEach((listener) => listener({ data: message })));
    }

    addEventListener(name, listener) {
        if (name === "message") {
            this.#listeners.push(listener);
        }
    }

    close() {
        this.#listeners = [];
    }
}

/** createEngine without models, in this thread. */
export function createLocalEngine(options = {}) {
    const [own, other] = ThreadPort.pair();
    serveEngine(other);
    return createEngine(null, { ...options, worker: own });
}

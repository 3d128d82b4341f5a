// Ends of a conversation, alike whatever carries it: `post(message)`, `listen(onMessage, onEnd)`, `close()`.

export const CLIENT_LOCK = "crema-client ";

/** An end over a MessagePort, a worker (or its global), or a browser extension's Port, which carries JSON only. */
export function toPort(target) {
    return target.onMessage?.addListener ? new ExtensionPort(target) : new EventPort(target);
}

class EventPort {
    #target;
    carriesFiles = true;

    constructor(target) {
        this.#target = target;
    }

    post(message) {
        this.#target.postMessage(message);
    }

    listen(onMessage, onEnd) {
        this.#target.addEventListener("message", ({ data }) => onMessage(data));
        this.#target.addEventListener("messageerror", () => onEnd(new Error("a message could not be read")));
        this.#target.addEventListener("close", () => onEnd(new Error("the port was closed")));
        this.#target.start?.();
    }

    close() {
        this.#target.close?.();
    }
}

class ExtensionPort {
    #port;
    carriesFiles = false;

    constructor(port) {
        this.#port = port;
    }

    post(message) {
        this.#port.postMessage(message);
    }

    listen(onMessage, onEnd) {
        this.#port.onMessage.addListener((message) => onMessage(message));
        this.#port.onDisconnect.addListener(() => onEnd(new Error("the extension's port was disconnected")));
    }

    close() {
        this.#port.disconnect();
    }
}

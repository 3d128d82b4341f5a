// The page's end: loads, calls, and any number of requests side by side, over a channel of whatever kind.

import { CremaError, abortReason, closed, internal, invalidRequest } from "./errors.js";

const CLOSE_MILLIS = 2000;

/** A request's events reach its handler `{ reply, chunk, done, error }` in order. `events` hears `device`, `stored` and `failed`. */
export class Connection {
    #channel;
    #events;
    #handlers = new Map();
    #calls = new Map();
    /** Loads that succeeded, by model id: a service worker that was stopped is given them again. */
    #loads = new Map();
    #nextId = 1;
    #announceLoss;
    #failure = null;
    #closing = null;
    #reloading = false;

    /** Resolves with the error that ended the engine (a device lost twice, a crash); stays pending while all is well. */
    lost = new Promise((resolve) => { this.#announceLoss = resolve; });

    constructor(channel, events) {
        this.#channel = channel;
        this.#events = events;
        channel.listen({
            message: (message) => this.#receive(message),
            end: (error) => this.#fail(internal(error)),
            restarted: () => void this.#reload(),
        });
    }

    get closed() {
        return this.#failure !== null;
    }

    /** Whether nobody else uses the engine behind this connection. */
    get exclusive() {
        return this.#channel.exclusive;
    }

    /** Whether bytes and files can be sent; JSON alone otherwise. */
    get carriesFiles() {
        return this.#channel.carriesFiles;
    }

    /** Resolves with the model's info. */
    async load(request, { onProgress, onSpace, signal } = {}) {
        if (request.source.files && !this.#channel.carriesFiles) {
            throw invalidRequest("Files can't be sent to where this engine runs: a browser extension's port carries JSON only.", "Load from a URL.", "source");
        }
        const info = await this.#start({ kind: "load", ...request }, { signal, onProgress, onSpace });
        this.#loads.set(info.model.id, request);
        return info;
    }

    /** Has the engine do something that is no request: `unload`, `status`. */
    async call(name, args, { signal } = {}) {
        const value = await this.#start({ kind: "call", name, args }, { signal });
        if (name === "unload") {
            this.#loads.delete(args.model);
        }
        return value;
    }

    /** Starts a request and returns the function that cancels it; after cancelling its handler hears nothing more. */
    request(path, body, handler, options = {}) {
        if (this.#failure) {
            throw this.#failure;
        }
        const id = this.#nextId++;
        const message = { kind: "request", id, path, body, options };
        this.#handlers.set(id, { handler, message, begun: false });
        if (!this.#reloading) {
            this.#channel.post(message);
        }
        return () => {
            if (this.#handlers.delete(id)) {
                this.#channel.post({ kind: "cancel", id });
            }
        };
    }

    /** Ends all replies of this connection where they are. */
    interrupt() {
        for (const id of this.#handlers.keys()) {
            this.#channel.post({ kind: "finish", id });
        }
    }

    /** Lets the engine free what this connection used, then ends it. */
    close() {
        this.#closing ??= (async () => {
            if (!this.#failure) {
                this.#end(closed());
                await new Promise((resolve) => {
                    const timer = setTimeout(resolve, CLOSE_MILLIS);
                    this.#calls.set("close", { resolve: () => { clearTimeout(timer); resolve(); } });
                    this.#channel.post({ kind: "close" });
                });
            }
            this.terminate();
        })();
        return this.#closing;
    }

    terminate() {
        this.#end(closed());
        this.#channel.close();
    }

    #start(message, { signal, onProgress, onSpace }) {
        if (this.#failure) {
            return Promise.reject(this.#failure);
        }
        if (signal?.aborted) {
            return Promise.reject(abortReason(signal));
        }
        const call = this.#nextId++;
        return new Promise((resolve, reject) => {
            const abort = () => {
                this.#calls.delete(call);
                this.#channel.post({ kind: "abort", call });
                reject(abortReason(signal));
            };
            const settle = (finish) => (value) => {
                this.#calls.delete(call);
                signal?.removeEventListener("abort", abort);
                finish(value);
            };
            signal?.addEventListener("abort", abort, { once: true });
            const sent = { ...message, call };
            this.#calls.set(call, { resolve: settle(resolve), reject: settle(reject), onProgress, onSpace, message: sent });
            if (!this.#reloading || message.kind === "load") {
                this.#channel.post(sent);
            }
        });
    }

    #receive(message) {
        const call = this.#calls.get(message.call);
        switch (message.kind) {
            case "progress":
                message.call === undefined ? this.#events.progress?.(message.model, message.progress) : call?.onProgress?.(message.progress);
                break;
            case "space":
                call?.onSpace?.(message.space);
                break;
            case "result":
                call?.resolve(message.value);
                break;
            case "rejected":
                call?.reject(CremaError.from(message.error));
                break;
            case "events":
                message.events.forEach((event) => this.#deliver(event));
                break;
            case "failed":
                this.#loads.delete(message.model);
                message.last ? this.#fail(CremaError.from(message.error)) : this.#events.failed?.(message.model, CremaError.from(message.error));
                break;
            case "closed":
                this.#calls.get("close")?.resolve();
                break;
            default:
                this.#events[message.kind]?.(message.model, message.event ?? message.storage ?? message);
        }
    }

    #deliver({ id, kind, json, status }) {
        const running = this.#handlers.get(id);
        if (!running) {
            return;
        }
        running.begun = true;
        if (kind !== "chunk") {
            this.#handlers.delete(id);
        }
        running.handler[kind](json, status);
    }

    /** A service worker that was stopped came back without anything: models first, then what had not begun. */
    async #reload() {
        this.#reloading = true;
        const cut = new CremaError({ code: "closed", status: 503, message: "The browser stopped the service worker in the middle of the reply.",
            hint: "Ask again: the model is loaded again already." });
        for (const [id, { handler, begun }] of [...this.#handlers]) {
            if (begun) {
                this.#handlers.delete(id);
                handler.error(JSON.stringify(cut), cut.status);
            }
        }
        const unanswered = [...this.#calls.values()].filter(({ message }) => message);
        try {
            for (const request of [...this.#loads.values()]) {
                await this.#start({ kind: "load", ...request }, { onProgress: (progress) => this.#events.progress?.(null, progress) });
            }
            this.#reloading = false;
            unanswered.forEach(({ message }) => this.#channel.post(message));
            for (const { message } of this.#handlers.values()) {
                this.#channel.post(message);
            }
        } catch (error) {
            this.#fail(CremaError.of(error));
        } finally {
            this.#reloading = false;
        }
    }

    #fail(error) {
        if (!this.#failure) {
            this.#end(error);
            this.#announceLoss(error);
            this.#channel.close();
        }
    }

    #end(error) {
        if (this.#failure) {
            return;
        }
        this.#failure = error;
        const handlers = [...this.#handlers.values()];
        const calls = [...this.#calls.values()];
        this.#handlers.clear();
        this.#calls.clear();
        for (const { handler } of handlers) {
            handler.error(JSON.stringify(error), error.status);
        }
        for (const { reject } of calls) {
            reject?.(error);
        }
    }
}

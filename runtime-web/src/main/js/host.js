// The engine where it runs: models, and the clients that use them. A client is a page, or whatever stands at the other end of a channel
// (see channel.js). What goes between them:
//
//     to the host      load {call, source, options}  abort {call}   call {call, name, args}
//                      request {id, path, body, options}      cancel {id}    finish {id}   close {}
//     to the client    result {call, value}   rejected {call, error}   progress {call, progress}   space {call, space}
//                      events {events: [{id, kind: reply | chunk | done | error, json, status}]}
//                      device {model, event}   stored {model, storage}   failed {model, error, last}   closed {}

import { deviceReport } from "./device-report.js";
import { CremaError, invalidRequest, modelNotFound } from "./errors.js";
import { HostedModel } from "./hosted-model.js";
import { LogitProcessors } from "./logit-processors.js";
import { modelOfRequest, modelPath } from "./routes.js";
import { EventBatch } from "./worker-out.js";

export class EngineHost {
    #clients = new Set();
    /** Models by what they were loaded from and how. */
    #shared = new Map();

    /** Serves a client: `channel` has `post(message)`, and gives what comes to the returned function. */
    connect(channel) {
        const client = new Client(this, channel);
        this.#clients.add(client);
        return client;
    }

    disconnect(client) {
        this.#clients.delete(client);
    }

    /** A trap in Wasm can't be caught in Java: everything is gone then, and all must hear of it. */
    crash(thrown) {
        const error = CremaError.of(thrown);
        for (const client of [...this.#clients]) {
            client.fail(null, error);
        }
        this.#shared.clear();
    }

    /** The model that a client asked for: its own, or the one that others have loaded from the same source in the same way. */
    open(client, source, options) {
        const key = source.files ? Symbol("files") : JSON.stringify([source, options]);
        let entry = this.#shared.get(key);
        if (!entry) {
            entry = new Entry(source, options, () => this.#shared.delete(key));
            this.#shared.set(key, entry);
        }
        entry.users.add(client);
        return entry;
    }
}

/** A model with the clients that use it. The last one that leaves ends it, loaded or not. */
class Entry {
    users = new Set();
    #drop;
    #begin;
    #loaded = null;

    constructor(source, options, drop) {
        this.#drop = drop;
        const tell = (what) => (value) => this.users.forEach((client) => client.hear(this, what, value));
        this.model = new HostedModel({
            progress: tell("progress"), device: tell("device"), space: tell("space"),
            failed: (error) => {
                const users = [...this.users];
                this.#end();
                users.forEach((client) => client.fail(this, error));
            },
        });
        this.#begin = () => this.model.load(source, options);
    }

    /** Loads, once whoever asks can hear of it; resolves with the info. */
    load() {
        if (this.#loaded === null) {
            this.#loaded = this.#begin();
            this.#loaded.catch(() => this.#drop());
        }
        return this.#loaded;
    }

    leave(client, reason) {
        if (this.users.delete(client) && this.users.size === 0) {
            this.model.abort(reason ?? new DOMException("The model was unloaded.", "AbortError"));
            this.#end();
        }
    }

    #end() {
        this.#drop();
        this.users.clear();
        quietly(() => this.model.close());
    }
}

/** Does what fails where Java is broken already. */
function quietly(action) {
    try {
        action();
    } catch {
        // There is nothing left to end.
    }
}

/** One client's models, calls and requests. */
class Client {
    #host;
    #channel;
    /** By id, in the order of loading; the first is the one that requests without a model mean. */
    #models = new Map();
    #loads = new Map();
    #requests = new Map();
    #processors = new LogitProcessors();
    #batch;

    constructor(host, channel) {
        this.#host = host;
        this.#channel = channel;
        this.#batch = new EventBatch((events) => this.#post({ kind: "events", events }));
    }

    receive(message) {
        switch (message.kind) {
            case "load":
                void this.#load(message);
                break;
            case "abort":
                this.#leaveLoad(message.call);
                break;
            case "call":
                void this.#call(message);
                break;
            case "request":
                this.#request(message);
                break;
            case "cancel":
                this.#requests.get(message.id)?.cancel();
                this.#requests.delete(message.id);
                break;
            case "finish":
                this.#requests.get(message.id)?.finish();
                break;
            case "close":
                this.close();
                this.#post({ kind: "closed" });
                break;
        }
    }

    /** Of a model: what it tells goes to those who wait for it, or use it. */
    hear(entry, what, value) {
        for (const [call, loading] of this.#loads) {
            if (loading === entry && (what === "progress" || what === "space")) {
                this.#post({ kind: what, call, [what]: value });
            }
        }
        const model = this.#idOf(entry);
        if (what === "device") {
            this.#batch.flush();
            this.#post({ kind: "device", model, event: value });
        } else if (what === "progress" && model !== null) {
            this.#post({ kind: "progress", model, progress: value });
        }
    }

    /** A model can't go on; null for the whole host. */
    fail(entry, error) {
        this.#batch.flush();
        const model = entry === null ? null : this.#idOf(entry);
        if (entry === null) {
            this.close();
        } else if (model !== null) {
            this.#models.delete(model);
        }
        this.#post({ kind: "failed", model, error: error.toJSON(), last: this.#models.size === 0 });
    }

    /** Ends what this client runs, and lets go of its models. */
    close() {
        for (const { cancel } of this.#requests.values()) {
            quietly(cancel);
        }
        this.#requests.clear();
        for (const entry of [...this.#loads.values(), ...this.#models.values()]) {
            entry.leave(this);
        }
        this.#loads.clear();
        this.#models.clear();
        this.#host.disconnect(this);
    }

    async #load({ call, source, options }) {
        const entry = this.#host.open(this, source, options);
        this.#loads.set(call, entry);
        try {
            const info = await entry.load();
            if (!this.#loads.delete(call)) {
                return;
            }
            if (this.#models.has(info.model.id) && this.#models.get(info.model.id) !== entry) {
                entry.leave(this);
                throw invalidRequest(`A model of the name "${info.model.id}" is loaded already.`, "Give this one a name of its own with id, or unload the other.", "id");
            }
            this.#models.set(info.model.id, entry);
            this.#post({ kind: "result", call, value: info });
            void entry.model.stored.then((storage) => this.#models.has(info.model.id) && this.#post({ kind: "stored", model: info.model.id, storage }));
        } catch (error) {
            entry.users.delete(this);
            if (this.#loads.delete(call) || error instanceof CremaError) {
                this.#post({ kind: "rejected", call, error: CremaError.of(error).toJSON() });
            }
        }
    }

    #leaveLoad(call) {
        const entry = this.#loads.get(call);
        this.#loads.delete(call);
        if (entry && ![...this.#loads.values(), ...this.#models.values()].includes(entry)) {
            entry.leave(this);
        }
    }

    async #call({ call, name, args }) {
        try {
            this.#post({ kind: "result", call, value: await this.#perform(name, args) });
        } catch (error) {
            this.#post({ kind: "rejected", call, error: CremaError.of(error).toJSON() });
        }
    }

    #perform(name, args) {
        switch (name) {
            case "unload":
                return this.#unload(args.model);
            case "saveCache":
                return this.#require(args.model).model.save(args.tokens);
            case "restoreCache":
                return this.#require(args.model).model.restore(args.saved);
            case "report":
                return deviceReport();
            case "addLogitProcessor":
                return this.#processors.add(args.name, args.processor);
            case "status":
                return this.#require(args.model).model.status();
            default:
                throw invalidRequest(`The engine has no call "${name}".`, "The page's part of the package is of another version than the worker's.");
        }
    }

    #unload(id) {
        const entry = this.#require(id);
        const error = new CremaError({ code: "closed", message: `The model "${id}" was unloaded.`, hint: "Load it again.", status: 503 });
        for (const [request, running] of [...this.#requests]) {
            if (running.entry === entry) {
                running.cancel();
                this.#requests.delete(request);
                this.#batch.add({ id: request, kind: "error", json: JSON.stringify(error), status: error.status });
            }
        }
        this.#models.delete(id);
        entry.leave(this);
        return null;
    }

    #request({ id, path, body, options = {} }) {
        try {
            if (path === "/v1/models" && this.#models.size !== 1) {
                this.#listModels(id, path);
                return;
            }
            const entry = this.#route(path, body);
            const processor = this.#processors.get(options.logitProcessor);
            const hear = (event) => {
                if (event.kind !== "chunk") {
                    this.#requests.delete(id);
                }
                this.#batch.add({ ...event, id });
            };
            let number = null;
            this.#requests.set(id, { entry, cancel: () => entry.model.cancel(number), finish: () => entry.model.finish(number) });
            number = entry.model.request(path, body, options.priority ?? 0, processor, hear);
        } catch (thrown) {
            const error = CremaError.of(thrown);
            this.#requests.delete(id);
            this.#batch.add({ id, kind: "error", json: JSON.stringify(error), status: error.status });
        }
    }

    /** The model that a request names; the first where it names none. Of one model alone its own Java judges the name. */
    #route(path, body) {
        if (this.#models.size === 1) {
            return this.#models.values().next().value;
        }
        return this.#require(modelPath(path) ?? modelOfRequest(body));
    }

    /** The list of every model's own list. */
    #listModels(id, path) {
        const lists = [];
        for (const { model } of this.#models.values()) {
            model.request(path, "", 0, null, (event) => lists.push(...JSON.parse(event.json).data));
        }
        this.#batch.add({ id, kind: "reply", json: JSON.stringify({ object: "list", data: lists }) });
    }

    #require(id) {
        const entry = id === null || id === undefined || id === "default" ? this.#models.values().next().value : this.#models.get(id);
        if (!entry) {
            throw modelNotFound(id, [...this.#models.keys()]);
        }
        return entry;
    }

    #idOf(entry) {
        for (const [id, own] of this.#models) {
            if (own === entry) {
                return id;
            }
        }
        return null;
    }

    #post(message) {
        this.#channel.post(message);
    }
}

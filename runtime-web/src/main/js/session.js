// A conversation that remembers itself. What it has in common with the one before is in the engine's KV cache, so a turn computes only what is new.

import { invalidRequest } from "./errors.js";
import { saveSession } from "./session-file.js";

/** Made by engine.session; see crema.d.ts. */
export class Session {
    #engine;
    #defaults;
    #messages;
    #busy = false;

    constructor(engine, messages, defaults) {
        this.#engine = engine;
        this.#messages = structuredClone(messages);
        this.#defaults = defaults;
    }

    /** A copy of what was said. */
    get messages() {
        return structuredClone(this.#messages);
    }

    get model() {
        return this.#defaults.model ?? this.#engine.info?.model.id ?? null;
    }

    /** Adds messages without asking for a reply. */
    append(messages) {
        this.#messages.push(...structuredClone(asMessages(messages)));
    }

    /** Says something and resolves with the reply; a turn that fails or is aborted leaves the conversation as it was. */
    async prompt(content, { signal, priority, ...fields } = {}) {
        const added = asMessages(content);
        return this.#turn(async () => {
            const reply = await this.#engine.chat.completions.create(this.#request(added, fields), { signal, priority });
            this.#messages.push(...structuredClone(added), reply.choices[0].message);
            return reply;
        });
    }

    /** As prompt, in chunks. A reply that is left early stays in the conversation as far as it had come; one that fails does not. */
    async* stream(content, { signal, priority, ...fields } = {}) {
        const added = asMessages(content);
        this.#begin();
        const message = { role: "assistant", content: "" };
        let failed = false;
        try {
            for await (const chunk of this.#engine.chat.completions.create({ ...this.#request(added, fields), stream: true }, { signal, priority })) {
                addDelta(message, chunk.choices[0]?.delta);
                yield chunk;
            }
        } catch (error) {
            failed = true;
            throw error;
        } finally {
            this.#busy = false;
            if (!failed) {
                this.#messages.push(...structuredClone(added), message);
            }
        }
    }

    /**
     * The conversation as a Blob, for engine.restoreSession here or on another visit; with `cache` also what the KV cache has of it, which a
     * restored session need not compute again.
     */
    async save({ cache = true } = {}) {
        return saveSession(this.#engine, this.#messages, this.#defaults, cache);
    }

    /** A conversation of its own that has said the same so far; it costs no memory until the two go apart. */
    clone() {
        return new Session(this.#engine, this.#messages, this.#defaults);
    }

    /** Forgets all but the first `count` messages. */
    truncate(count) {
        this.#messages.length = Math.min(this.#messages.length, count);
    }

    /** `{ used, limit }` in tokens: what the conversation takes in the model's context, and what that holds with the next reply. */
    async contextUsage(options) {
        const info = this.#engine.infos.find(({ model }) => model.id === this.model);
        const used = this.#messages.length === 0 ? 0 : await this.#engine.countTokens(this.#messages, { ...options, model: this.model });
        return { used, limit: info?.model.contextLength ?? 0 };
    }

    #request(added, fields) {
        return { ...this.#defaults, ...fields, messages: [...this.#messages, ...added] };
    }

    async #turn(action) {
        this.#begin();
        try {
            return await action();
        } finally {
            this.#busy = false;
        }
    }

    #begin() {
        if (this.#busy) {
            throw invalidRequest("The session is still replying.", "Wait for the reply, or ask in a clone of the session.", "session");
        }
        this.#busy = true;
    }
}

/** A text is what the user says. */
export function asMessages(content) {
    const messages = typeof content === "string" ? [{ role: "user", content }] : Array.isArray(content) ? content : [content];
    if (messages.some((message) => message === null || typeof message !== "object" || typeof message.role !== "string")) {
        throw invalidRequest("A session takes a text, a message, or an array of messages.", "For example \"Hello!\" or { role: \"user\", content: \"Hello!\" }.", "messages");
    }
    return messages;
}

/** Puts a chunk's delta where it belongs in the message. */
function addDelta(message, delta = {}) {
    message.content += delta.content ?? "";
    if (delta.reasoning_content) {
        message.reasoning_content = (message.reasoning_content ?? "") + delta.reasoning_content;
    }
    for (const { index, id, function: called = {} } of delta.tool_calls ?? []) {
        message.tool_calls ??= [];
        const call = message.tool_calls[index] ??= { id, type: "function", function: { name: "", arguments: "" } };
        call.function.name += called.name ?? "";
        call.function.arguments += called.arguments ?? "";
    }
}

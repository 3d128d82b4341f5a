// A session of the Prompt API: a conversation that remembers itself. What it has said is in the engine's prefix cache, so a turn computes only what is new.

import { readConstraint, readMessages } from "./input.js";

/** Tokens that are left for a reply before old turns are forgotten; of a small context, a quarter. */
const REPLY_TOKENS = 256;
/** Rounds of tool calls before a turn is given up. */
const MOST_ROUNDS = 16;

export class LanguageModelSession extends EventTarget {
    oncontextoverflow = null;
    onquotaoverflow = null;
    #engine;
    #settings;
    #messages;
    #usage = 0;
    #destroyed = new AbortController();
    #turn = Promise.resolve();

    /** `initial` messages at the start are never forgotten. */
    constructor(engine, { messages, ...settings }) {
        super();
        this.#engine = engine;
        this.#messages = messages;
        this.#settings = settings;
    }

    get temperature() {
        return this.#settings.temperature ?? 1;
    }

    get topK() {
        return this.#settings.topK ?? 40;
    }

    /** Tokens of all that was said so far. */
    get contextUsage() {
        return this.#usage;
    }

    /** Tokens that the model's context holds. */
    get contextWindow() {
        return this.#engine.info.model.contextLength;
    }

    get inputUsage() {
        return this.contextUsage;
    }

    get inputQuota() {
        return this.contextWindow;
    }

    async prompt(input, options = {}) {
        let text = "";
        for await (const piece of this.#pieces(input, options)) {
            text += piece;
        }
        return text;
    }

    /** A ReadableStream of pieces of text. */
    promptStreaming(input, options = {}) {
        const leave = new AbortController();
        const signal = options.signal ? AbortSignal.any([options.signal, leave.signal]) : leave.signal;
        const pieces = this.#pieces(input, { ...options, signal });
        return new ReadableStream({
            async pull(controller) {
                try {
                    const { value, done } = await pieces.next();
                    done ? controller.close() : controller.enqueue(value);
                } catch (error) {
                    controller.error(error);
                }
            },
            async cancel(reason) {
                leave.abort(reason);
                await pieces.return().catch(() => { /* it ends as it was told */ });
            },
        }, { highWaterMark: 0 });
    }

    /** Adds to the conversation without asking for a reply. */
    async append(input, { signal } = {}) {
        const added = readMessages(input);
        const end = await this.#begin(signal);
        try {
            this.#check(signal);
            this.#messages.push(...added);
            await this.#count(signal);
            await this.#makeRoom(added.length, signal);
        } finally {
            end();
        }
    }

    /** Tokens that a prompt would add. */
    async measureContextUsage(input, { signal } = {}) {
        this.#check(signal);
        const messages = [...this.#messages, ...readMessages(input)];
        return Math.max(0, await this.#tokensOf(messages, signal) - this.#usage);
    }

    measureInputUsage(input, options) {
        return this.measureContextUsage(input, options);
    }

    /** A session of its own that has said the same so far. */
    async clone({ signal } = {}) {
        this.#check(signal);
        await this.#turn;
        const copy = new LanguageModelSession(this.#engine, { ...this.#settings, messages: structuredClone(this.#messages) });
        copy.#usage = this.#usage;
        return copy;
    }

    /** Ends what it is saying; it can't be used any more. */
    destroy(reason = new DOMException("The session was destroyed.", "AbortError")) {
        this.#destroyed.abort(reason);
    }

    /** Counts what the conversation begins with. @internal */
    async measure(signal) {
        await this.#count(signal);
        if (this.#usage > this.contextWindow) {
            throw tooLong(this.#usage, this.contextWindow);
        }
    }

    #check(signal) {
        if (this.#destroyed.signal.aborted) {
            throw new DOMException("The session was destroyed.", "InvalidStateError");
        }
        signal?.throwIfAborted();
    }

    /** Waits for the turns before, whether they worked or not; resolves with the function that ends this one. */
    async #begin(signal) {
        this.#check(signal);
        const before = this.#turn;
        let end;
        this.#turn = new Promise((resolve) => { end = resolve; });
        await before;
        return end;
    }

    /** A turn: what the model writes, piece by piece. One that fails or is left leaves the conversation as it was. */
    async *#pieces(input, { signal, responseConstraint }) {
        const added = readMessages(input);
        const fields = { ...this.#settings.fields, ...readConstraint(responseConstraint) };
        const end = await this.#begin(signal);
        try {
            this.#check(signal);
            const any = AbortSignal.any([this.#destroyed.signal, ...(signal ? [signal] : [])]);
            yield* this.#rounds(added, fields, any);
        } finally {
            end();
        }
    }

    async *#rounds(added, fields, signal) {
        const turn = added.map(({ prefix: _, ...message }) => message);
        await this.#leaveRoom(turn, signal);
        let prefixed = added.at(-1)?.prefix ? turn.pop() : null;
        for (let round = 0; ; round++) {
            const reply = { text: "", calls: [], usage: null };
            const messages = [...turn, ...(prefixed ? [prefixed] : [])];
            for await (const chunk of await this.#ask(messages, fields, signal)) {
                reply.usage = chunk.usage ?? reply.usage;
                const delta = chunk.choices[0]?.delta ?? {};
                addCalls(reply.calls, delta.tool_calls ?? []);
                if (delta.content) {
                    reply.text += delta.content;
                    yield delta.content;
                }
            }
            turn.push({ role: "assistant", content: (prefixed?.content ?? "") + reply.text, ...(reply.calls.length > 0 ? { tool_calls: reply.calls } : {}) });
            prefixed = null;
            if (reply.calls.length === 0 || round === MOST_ROUNDS) {
                this.#messages.push(...turn);
                this.#usage = reply.usage?.total_tokens ?? this.#usage;
                return;
            }
            turn.push(...await Promise.all(reply.calls.map((call) => this.#execute(call))));
        }
    }

    async #execute({ id, function: { name, arguments: text } }) {
        let result;
        try {
            result = await this.#settings.tools.get(name).execute(JSON.parse(text || "{}"));
        } catch (error) {
            result = `error: ${error.message}`;
        }
        return { role: "tool", tool_call_id: id, content: typeof result === "string" ? result : JSON.stringify(result) ?? "" };
    }

    /** The stream of a reply. Where the context is full, the oldest turns are forgotten, but for the initial prompts. */
    async #ask(turn, fields, signal) {
        const tools = [...this.#settings.tools.values()].map(({ definition }) => definition);
        for (;;) {
            try {
                const request = { messages: [...this.#messages, ...turn], stream: true, stream_options: { include_usage: true }, ...fields, ...(tools.length > 0 ? { tools } : {}) };
                return await this.#engine.chat.completions.create(request, { signal });
            } catch (error) {
                if (error.code !== "context_length_exceeded") {
                    throw error;
                }
                if (!this.#forgetOldest()) {
                    throw tooLong(await this.#tokensOf([...this.#messages, ...turn], signal), this.contextWindow);
                }
            }
        }
    }

    async #leaveRoom(turn, signal) {
        const most = this.contextWindow - Math.min(REPLY_TOKENS, this.contextWindow >> 2);
        while (await this.#tokensOf([...this.#messages, ...turn], signal) > most && this.#forgetOldest()) {
            // Once more, without the oldest turn.
        }
    }

    /** Forgets the oldest turns until the rest fits; `kept` messages at the end were added last, and are taken back where they alone are too long. */
    async #makeRoom(kept, signal) {
        while (this.#usage > this.contextWindow) {
            if (this.#messages.length - kept <= this.#settings.initial || !this.#forgetOldest()) {
                const used = this.#usage;
                this.#messages.length -= kept;
                await this.#count(signal);
                throw tooLong(used, this.contextWindow);
            }
            await this.#count(signal);
        }
    }

    /** Forgets the oldest turn, up to the next message of the user; false where there is none. */
    #forgetOldest() {
        const start = this.#settings.initial;
        if (this.#messages.length <= start) {
            return false;
        }
        let end = start + 1;
        while (end < this.#messages.length && this.#messages[end].role !== "user") {
            end++;
        }
        this.#messages.splice(start, end - start);
        for (const name of ["contextoverflow", "quotaoverflow"]) {
            const event = new Event(name);
            this.dispatchEvent(event);
            this[`on${name}`]?.(event);
        }
        return true;
    }

    async #count(signal) {
        this.#usage = this.#messages.length === 0 ? 0 : await this.#tokensOf(this.#messages, signal);
    }

    async #tokensOf(messages, signal) {
        const { prompt } = await this.#post("/apply-template", { messages }, signal);
        return (await this.#post("/tokenize", { content: prompt }, signal)).tokens.length;
    }

    async #post(path, body, signal) {
        const response = await this.#engine.fetch(`http://crema.local${path}`, { method: "POST", body: JSON.stringify(body), signal });
        const json = await response.json();
        if (!response.ok) {
            throw new DOMException(json.error?.message ?? `HTTP ${response.status}`, "OperationError");
        }
        return json;
    }
}

/** Pieces of tool calls, by index. */
function addCalls(calls, pieces) {
    for (const { index, id, function: { name = "", arguments: text = "" } = {} } of pieces) {
        calls[index] ??= { id, type: "function", function: { name: "", arguments: "" } };
        calls[index].function.name += name;
        calls[index].function.arguments += text;
    }
}

function tooLong(requested, quota) {
    const error = new DOMException(`The prompt has ${requested} tokens, the model's context holds ${quota}.`, "QuotaExceededError");
    return Object.assign(error, { requested, quota });
}

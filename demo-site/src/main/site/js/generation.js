// One answer at a time: asks the engine, writes what comes into the chat, keeps the figures.

import { announce } from "./dom.js";
import { settings } from "./settings.js";

/** How often a growing answer is kept. */
const KEEP_MILLIS = 500;

/** Answers the current chat. Events: `change` (started, ended), `text` (more of the answer). */
export class Generation extends EventTarget {
    #host;
    #chats;
    #abort = null;
    message = null;

    constructor(host, chats) {
        super();
        this.#host = host;
        this.#chats = chats;
    }

    get running() {
        return this.#abort !== null;
    }

    stop() {
        this.#abort?.abort();
    }

    /** Lets the model answer the chat's last message. */
    async answer(chat) {
        const abort = this.#abort = new AbortController();
        // Kept as stopped until it has ended: so it is found if the page goes away.
        const message = this.message = { role: "assistant", content: "", stopped: true, model: this.#host.name };
        const request = this.#request(chat);
        chat.messages.push(message);
        this.#chats.save(chat);
        this.#tell("change");
        announce("Crema is answering");
        const began = performance.now();
        const keep = () => this.#chats.keep(chat);
        const keeping = setInterval(keep, KEEP_MILLIS);
        addEventListener("pagehide", keep);
        try {
            await this.#read(request, message, abort.signal, began);
            message.stopped = false;
        } catch (error) {
            message.stopped = abort.signal.aborted;
            if (!message.stopped) {
                message.error = { message: error.message, hint: error.hint ?? "", code: error.code ?? "internal" };
            }
        }
        clearInterval(keeping);
        removeEventListener("pagehide", keep);
        this.#abort = null;
        this.#chats.save(chat);
        this.#tell("change");
        announce(message.error ? message.error.message : message.content || "No answer");
    }

    #request(chat) {
        const { system, temperature, maxTokens } = settings.values;
        const messages = chat.messages.filter(({ content, error }) => content !== "" && !error).map(({ role, content }) => ({ role, content }));
        return {
            messages: system ? [{ role: "system", content: system }, ...messages] : messages,
            max_tokens: maxTokens,
            ...(temperature !== "" && { temperature }),
            stream: true,
            stream_options: { include_usage: true },
        };
    }

    async #read(request, message, signal, began) {
        let firstAt = 0;
        for await (const chunk of this.#host.engine.chat.completions.create(request, { signal })) {
            const choice = chunk.choices[0];
            if (choice?.delta.content) {
                firstAt ||= performance.now();
                message.content += choice.delta.content;
                message.tokens = (message.tokens ?? 0) + 1;
                this.#tell("text");
            }
            if (choice?.finish_reason) {
                message.finish = choice.finish_reason;
            }
            if (chunk.usage) {
                message.contextFull = chunk.usage.total_tokens >= this.#host.engine.info.model.contextLength;
                message.figures = figures(chunk, firstAt - began, performance.now() - firstAt);
            }
        }
    }

    #tell(name) {
        this.dispatchEvent(new Event(name));
    }
}

/** What a reply cost: the engine's own times where it tells them, else those seen from here. */
function figures({ usage, timings }, firstMillis, restMillis) {
    const tokens = usage.completion_tokens;
    return {
        tokens,
        contextTokens: usage.total_tokens,
        tokensPerSecond: timings?.predicted_per_second ?? (tokens > 1 && restMillis > 0 ? (tokens - 1) * 1000 / restMillis : 0),
        firstMillis: Math.round(firstMillis),
    };
}

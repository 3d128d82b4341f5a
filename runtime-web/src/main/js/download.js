// A file on its way from the network: read front to back once, however many ask for its parts.

import { abortReason, downloadFailed } from "./errors.js";
import { beforeRetry, isSameFile, requestFrom, withRetries } from "./http-range.js";
import { bodyOf, changed } from "./parallel-body.js";

/** Readers that are this far ahead of the download fetch their part by itself, where it would not be kept anyway. */
const AHEAD_BYTES = 8 << 20;
const READ_BYTES = 4 << 20;

/**
 * The download goes on when somebody needs bytes that have not come yet, so memory holds one chunk and never a file. What has come is in
 * `keep` (a writer of the store, or memory for the first bytes), from where it is read again.
 */
export class Download {
    #signal;
    #keep;
    #body;
    #turn = null;
    #failures = 0;
    #last;
    #listener;
    #known;

    /** Continues at `first.from` with the answer `first` of requestFrom; `listener(received, total, bytes)` hears of each chunk. */
    constructor(url, name, first, keep, signal, listener) {
        this.url = url;
        this.name = name;
        this.received = first.from;
        this.#last = { start: first.from, bytes: new Uint8Array(0) };
        this.length = first.total;
        this.#known = first;
        this.#keep = keep;
        this.#signal = signal;
        this.#listener = listener;
        this.#body = bodyOf(url, name, first, first.from, signal);
    }

    get finished() {
        return this.received === this.length;
    }

    /** Replaces where bytes are kept: when the store is full, or the file complete. */
    set keep(keep) {
        this.#keep = keep;
    }

    async read(position, length) {
        const end = position + length;
        if (end > this.#keep.reach && position > this.received + AHEAD_BYTES) {
            return this.#fetchPart(position, length);
        }
        while (this.received < end) {
            await this.advance();
        }
        const kept = end <= this.#keep.size ? await this.#keep.read(position, length) : null;
        if (kept !== null) {
            return kept;
        }
        const { start, bytes } = this.#last;
        return position >= start ? bytes.slice(position - start, end - start) : this.#fetchPart(position, length);
    }

    /** `{ next(): Promise<Uint8Array | null> }` over a part, in chunks as they come. */
    stream(position, length) {
        const end = position + length;
        return {
            next: async () => {
                while (position < end && position >= this.received) {
                    await this.advance();
                }
                if (position >= end) {
                    return null;
                }
                const { start, bytes } = this.#last;
                const chunk = position >= start
                    ? bytes.subarray(position - start, Math.min(bytes.length, end - start))
                    : await this.read(position, Math.min(READ_BYTES, end - position, this.received - position));
                position += chunk.length;
                return chunk;
            },
        };
    }

    /** Fetches the rest, so that the file is whole in the store. */
    async finish() {
        while (!this.finished) {
            await this.advance();
        }
    }

    /** Takes the next chunk from the network; callers at the same time share it. */
    advance() {
        this.#turn ??= this.#takeChunk().finally(() => { this.#turn = null; });
        return this.#turn;
    }

    async close() {
        await this.#body?.cancel();
        this.#body = null;
    }

    async #takeChunk() {
        for (;;) {
            try {
                this.#body ??= await this.#reconnect();
                const chunk = await this.#body.read();
                if (chunk !== null) {
                    this.#failures = 0;
                    return await this.#accept(chunk);
                }
                if (this.length < 0) {
                    this.length = this.received;
                }
                if (this.received >= this.length) {
                    return;
                }
                throw new Error("the connection was closed early");
            } catch (error) {
                if (this.#signal.aborted) {
                    throw abortReason(this.#signal);
                }
                await this.close();
                await beforeRetry(`The download of ${this.name} stopped at ${this.#progress()} and`, error, this.#failures++, this.#signal);
            }
        }
    }

    async #accept(bytes) {
        if (this.length >= 0 && this.received + bytes.length > this.length) {
            throw downloadFailed(`${this.url} sent more than the ${this.length} bytes that it announced.`, "The server is set up wrongly.");
        }
        this.#last = { start: this.received, bytes };
        await this.#keep.write(bytes, this.received);
        this.received += bytes.length;
        this.#listener(this.received, this.length, bytes);
    }

    /** A new connection at the byte that was reached; the file must still be the same one. */
    async #reconnect() {
        const answer = await requestFrom(this.url, this.received, this.#signal);
        if (!isSameFile(answer, this.#known)) {
            await answer.body.cancel();
            throw changed(this.name);
        }
        await answer.body.skip(this.received - answer.from);
        return bodyOf(this.url, this.name, answer, this.received, this.#signal);
    }

    async #fetchPart(position, length) {
        return withRetries(`Reading ${length} bytes of ${this.name} at ${position}`, this.#signal, async () => {
            const { body, from } = await requestFrom(this.url, position, this.#signal, position + length);
            try {
                await body.skip(position - from);
                return await body.take(length);
            } finally {
                await body.cancel();
            }
        });
    }

    #progress() {
        const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
        return this.length < 0 ? `${megabytes(this.received)} MB` : `${megabytes(this.received)} of ${megabytes(this.length)} MB`;
    }
}

// Replies as JavaScript sees them: a promise of the whole, or a stream of chunks.

import { CremaError, abortReason } from "./errors.js";

/** A promise of the whole reply. */
export function wholeReply(connection, path, body, signal, options) {
    return new Promise((resolve, reject) => {
        if (signal?.aborted) {
            reject(abortReason(signal));
            return;
        }
        const settle = (finish) => (json, status) => {
            signal?.removeEventListener("abort", abort);
            finish(JSON.parse(json), status);
        };
        const cancel = connection.request(path, body, {
            reply: settle(resolve),
            error: settle((json, status) => reject(CremaError.from(json, status))),
        }, options);
        const abort = () => {
            cancel();
            reject(abortReason(signal));
        };
        signal?.addEventListener("abort", abort, { once: true });
    });
}

/**
 * What `create({ stream: true })` returns: awaited, it gives the ChunkStream once the reply has begun (and throws what is wrong with the
 * request); iterated, it gives the chunks at once.
 */
export class StreamReply {
    #stream;

    constructor(connection, path, body, signal, options) {
        this.#stream = new ChunkStream(connection, path, body, signal, options);
    }

    then(onFulfilled, onRejected) {
        return this.#stream.begun().then(onFulfilled, onRejected);
    }

    catch(onRejected) {
        return this.then(undefined, onRejected);
    }

    finally(action) {
        return this.#stream.begun().finally(action);
    }

    abort() {
        this.#stream.abort();
    }

    [Symbol.asyncIterator]() {
        return this.#stream[Symbol.asyncIterator]();
    }
}

/** The chunks of one reply. Leaving a `for await` early cancels the request and frees what it held. */
class ChunkStream {
    #chunks = [];
    #waiting = [];
    #end = null;
    #cancel = () => {};
    #signal;
    #abortListener = () => this.#abortWith(abortReason(this.#signal));

    constructor(connection, path, body, signal, options) {
        this.#signal = signal;
        if (signal?.aborted) {
            this.#finish({ error: abortReason(signal) });
            return;
        }
        signal?.addEventListener("abort", this.#abortListener, { once: true });
        try {
            this.#cancel = connection.request(path, body, {
                chunk: (json) => this.#push(JSON.parse(json)),
                reply: (json) => { this.#push(JSON.parse(json)); this.#finish({}); },
                done: () => this.#finish({}),
                error: (json, status) => this.#finish({ error: CremaError.from(JSON.parse(json), status) }),
            }, options);
        } catch (error) {
            this.#finish({ error });
        }
    }

    /** Resolves with this stream at its first chunk, rejects if it fails before. */
    begun() {
        return this.#when(() => {
            if (this.#chunks.length === 0 && this.#end?.error) {
                throw this.#end.error;
            }
            return this;
        });
    }

    /** Ends the stream; iterators see its end, the engine frees the request. */
    abort() {
        this.#cancel();
        this.#chunks.length = 0;
        this.#finish({});
    }

    [Symbol.asyncIterator]() {
        return {
            next: () => this.#when(() => {
                if (this.#chunks.length > 0) {
                    return { value: this.#chunks.shift(), done: false };
                }
                if (this.#end.error) {
                    const { error } = this.#end;
                    this.#end = {};
                    throw error;
                }
                return { value: undefined, done: true };
            }),
            return: async (value) => {
                this.abort();
                return { value, done: true };
            },
            [Symbol.asyncIterator]() {
                return this;
            },
        };
    }

    /** Runs `take` once there is a chunk or the end, in the order of asking. */
    #when(take) {
        const ready = () => this.#chunks.length > 0 || this.#end !== null;
        if (this.#waiting.length === 0 && ready()) {
            return new Promise((resolve) => resolve(take()));
        }
        return new Promise((resolve, reject) => {
            this.#waiting.push(() => {
                if (!ready()) {
                    return false;
                }
                try {
                    resolve(take());
                } catch (error) {
                    reject(error);
                }
                return true;
            });
        });
    }

    #push(chunk) {
        if (this.#end === null) {
            this.#chunks.push(chunk);
            this.#serve();
        }
    }

    #finish(end) {
        if (this.#end === null) {
            this.#end = end;
            this.#signal?.removeEventListener("abort", this.#abortListener);
            this.#serve();
        }
    }

    #abortWith(error) {
        this.#cancel();
        this.#chunks.length = 0;
        this.#finish({ error });
    }

    #serve() {
        while (this.#waiting.length > 0 && this.#waiting[0]()) {
            this.#waiting.shift();
        }
    }
}

// Requests for files and parts of files, and what the answers say about them.

import { CremaError, abortReason, downloadFailed } from "./errors.js";

/** Waits between tries; a try that brought bytes starts over at the first. */
export const RETRY_MILLIS = [300, 1000, 2000, 4000, 8000];

const HINT_AFTER_RETRIES = "Check the address and the connection. A server of another site must also let pages read the file (CORS). "
    + "Loading again goes on from where it stopped.";

/** A connection that brings nothing for this long counts as broken. */
export const STALL_MILLIS = 30_000;

/**
 * Asks for a file from byte `from` on, up to `end` if given. Resolves with `{ body, from, total, etag, modified }`: `from` is 0 where the
 * server does not serve ranges, `total` -1 where it does not say. A status that is no success is a CremaError with `httpStatus`.
 */
export async function requestFrom(url, from, signal, end = null) {
    const ranged = from > 0 || end !== null;
    const headers = ranged ? { range: `bytes=${from}-${end === null ? "" : end - 1}` } : {};
    // A request that is given up is ended as well: an answer that comes late would keep one of the few connections.
    const late = new AbortController();
    const answer = fetch(url, { headers, signal: AbortSignal.any([signal, late.signal]), cache: ranged ? "no-store" : "default" });
    const response = await withTimeout(answer, `${url} did not answer`, () => late.abort());
    if (response.status === 206) {
        const [, start, total] = /bytes (\d+)-\d+\/(\d+)/.exec(response.headers.get("content-range") ?? "") ?? [];
        const length = Number(response.headers.get("content-length") ?? -1);
        // Other origins may hide content-range; the length of a part that has an end tells nothing of the whole.
        return describe(response, Number(start ?? from), total !== undefined ? Number(total) : length < 0 || end !== null ? -1 : from + length);
    }
    if (response.ok) {
        const length = response.headers.get("content-length");
        return describe(response, 0, length === null || mayBeEncoded(url, response) ? -1 : Number(length));
    }
    await response.body?.cancel();
    throw statusError(url, response);
}

/** Whether content-length may count compressed bytes. Other origins hide their encoding; nobody compresses weights on the fly. */
function mayBeEncoded(url, { type, headers }) {
    return headers.has("content-encoding") || (type === "cors" && !/\.(gguf|safetensors)$/i.test(new URL(url).pathname));
}

function describe(response, from, total) {
    const { headers } = response;
    return {
        body: new Body(response.body), from, total, etag: headers.get("etag"), modified: headers.get("last-modified"),
        type: headers.get("content-type"),
    };
}

/** Whether two answers speak of the same contents, as far as the server says. */
export function isSameFile(a, b) {
    const differ = (x, y) => x !== null && x !== undefined && y !== null && y !== undefined && x !== y;
    const totals = a.total >= 0 && b.total >= 0 && a.total !== b.total;
    return !totals && !differ(a.etag, b.etag) && !differ(a.modified, b.modified);
}

/** A response's bytes, to be read in chunks or counted out. */
class Body {
    #reader;
    #pushedBack = null;

    constructor(stream) {
        this.#reader = stream.getReader();
    }

    /** The next chunk, or null at the end. */
    async read() {
        const chunk = this.#pushedBack ?? (await withTimeout(this.#reader.read(), "no byte came")).value ?? null;
        this.#pushedBack = null;
        return chunk;
    }

    /** Drops `count` bytes: those before a range that the server would not serve. */
    async skip(count) {
        while (count > 0) {
            const chunk = await this.need();
            this.#pushedBack = chunk.length > count ? chunk.subarray(count) : null;
            count -= Math.min(count, chunk.length);
        }
    }

    /** Exactly `length` bytes. */
    async take(length) {
        const bytes = new Uint8Array(length);
        for (let done = 0; done < length;) {
            const chunk = await this.need();
            const count = Math.min(chunk.length, length - done);
            bytes.set(chunk.subarray(0, count), done);
            done += count;
        }
        return bytes;
    }

    async cancel() {
        await this.#reader.cancel().catch(() => { /* the connection is gone already */ });
    }

    /** The next chunk, of which there must be one. */
    async need() {
        const chunk = await this.read();
        if (chunk === null) {
            throw new Error("the connection was closed early");
        }
        return chunk;
    }
}

function statusError(url, { status, statusText }) {
    const error = downloadFailed(`${url} answered ${status}${statusText ? ` ${statusText}` : ""}.`, statusHint(status));
    error.httpStatus = status;
    return error;
}

function statusHint(status) {
    if (status === 404 || status === 410) {
        return "Check the address; for a Hugging Face folder it ends in / and has a config.json.";
    }
    return status === 401 || status === 403 ? "The file is not public, or the server does not let this page have it." : "Try again later.";
}

/** Whether another try may help: broken connections, servers that are busy or ill. */
export function isWorthRetrying(error) {
    const status = error.httpStatus;
    return status === undefined ? !(error instanceof CremaError) : status === 408 || status === 429 || status >= 500;
}

/** Whether the browser asks the server before it lets us see an answer. */
export function isFromOtherOrigin(url) {
    return globalThis.location !== undefined && new URL(url).origin !== location.origin && !url.startsWith("blob:");
}

/** Runs `attempt` until it works, waiting between tries. */
export async function withRetries(what, signal, attempt) {
    for (let failures = 0; ; failures++) {
        try {
            return await attempt();
        } catch (error) {
            await beforeRetry(what, error, failures, signal);
        }
    }
}

/** Waits before try number `failures + 1`, or throws what is to be thrown instead of it. */
export async function beforeRetry(what, error, failures, signal) {
    if (signal.aborted) {
        throw abortReason(signal);
    }
    if (!isWorthRetrying(error)) {
        throw error;
    }
    if (failures >= RETRY_MILLIS.length) {
        throw downloadFailed(`${what} failed ${failures + 1} times: ${error.message}`,
            navigator.onLine === false ? "This computer is offline." : HINT_AFTER_RETRIES, error);
    }
    await sleep(RETRY_MILLIS[failures], signal);
}

function sleep(millis, signal) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
            signal.removeEventListener("abort", abort);
            resolve();
        }, millis);
        const abort = () => {
            clearTimeout(timer);
            reject(abortReason(signal));
        };
        signal.addEventListener("abort", abort, { once: true });
    });
}

/** Fails when `promise` takes too long, and then calls `giveUp`; `what` goes on with "for 30 seconds". */
export function withTimeout(promise, what, giveUp = () => { }) {
    let timer;
    const timeout = new Promise((resolve, reject) => {
        timer = setTimeout(() => {
            reject(new Error(`${what} for ${STALL_MILLIS / 1000} seconds`));
            giveUp();
        }, STALL_MILLIS);
    });
    return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

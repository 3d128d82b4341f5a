// The bytes of a large file, fetched by several requests at once: one connection seldom gives what a line can carry.

import { downloadFailed } from "./errors.js";
import { beforeRetry, isSameFile, requestFrom } from "./http-range.js";

/** Requests under way at once. */
const PARTS = 4;
/** Of one request. All parts that wait for their turn are in memory: 32 MB at most. */
const PART_BYTES = 8 << 20;

/** What reads the rest of the file that `answer` (of requestFrom) begins: the answer's own body where it is small or of unknown length. */
export function bodyOf(url, name, answer, at, signal) {
    return answer.total - at >= 2 * PART_BYTES ? new ParallelBody(url, name, answer, at, signal) : answer.body;
}

/**
 * Reads as http-range's Body does, front to back. The connection that is there already gives the first part, and everything where the server
 * turns out not to serve ranges.
 */
class ParallelBody {
    #url;
    #name;
    #known;
    #stop = new AbortController();
    #first;
    /** Where the first connection has come to, and where it ends. */
    #at;
    #firstEnd;
    /** Whether the server serves ranges; a promise until it has answered the first request for one. */
    #servesRanges;
    #parts = [];
    #nextStart;

    constructor(url, name, answer, at, signal) {
        this.#url = url;
        this.#name = name;
        this.#known = answer;
        signal.addEventListener("abort", () => this.#stop.abort(signal.reason), { signal: this.#stop.signal });
        this.#first = answer.body;
        this.#at = at;
        this.#firstEnd = this.#nextStart = at + PART_BYTES;
        this.#servesRanges = this.#startPart().answered;
    }

    /** The next chunk, or null at the end. */
    async read() {
        const chunk = this.#first === null ? null : await this.#readFirst();
        if (chunk !== null || this.#first !== null) {
            return chunk;
        }
        while (this.#parts.length > 0) {
            const next = await this.#parts[0].take();
            if (next !== null) {
                return next;
            }
            this.#parts.shift();
            this.#startParts();
        }
        return null;
    }

    async cancel() {
        this.#stop.abort();
        await this.#first?.cancel();
    }

    /** Null at the end of the first part, and of the file where that is all in one. */
    async #readFirst() {
        const chunk = this.#at < this.#firstEnd ? await this.#first.read() : null;
        const end = this.#at + (chunk?.length ?? 0);
        if (end < this.#firstEnd && chunk !== null) {
            this.#at = end;
            return chunk;
        }
        if (!await this.#servesRanges) {
            this.#stop.abort();
            this.#parts = [];
            this.#firstEnd = Infinity;
            this.#at = end;
            return chunk;
        }
        if (end < this.#firstEnd) {
            return null; // The connection broke: whoever reads sees to it.
        }
        const first = this.#first;
        this.#first = null;
        this.#startParts();
        await first.cancel();
        return chunk === null ? null : chunk.subarray(0, this.#firstEnd - this.#at);
    }

    #startParts() {
        while (this.#parts.length < PARTS && this.#nextStart < this.#known.total) {
            this.#startPart();
        }
    }

    #startPart() {
        const end = Math.min(this.#nextStart + PART_BYTES, this.#known.total);
        const part = new Part(this.#url, this.#name, this.#known, this.#nextStart, end, this.#stop.signal);
        this.#nextStart = end;
        this.#parts.push(part);
        return part;
    }
}

/** A range of a file on its way into memory; one that breaks goes on from the byte that it reached. */
class Part {
    #url;
    #name;
    #known;
    #at;
    #end;
    #signal;
    #chunks = [];
    #error = null;
    #wake = () => { };
    #answer;

    /** Resolves with whether the server gave the range, rather than the whole file. */
    answered = new Promise((resolve) => { this.#answer = resolve; });

    constructor(url, name, known, start, end, signal) {
        this.#url = url;
        this.#name = name;
        this.#known = known;
        this.#at = start;
        this.#end = end;
        this.#signal = signal;
        void this.#fill();
    }

    /** The next chunk, or null when all were taken. */
    async take() {
        while (this.#chunks.length === 0 && this.#at < this.#end && this.#error === null) {
            await new Promise((resolve) => { this.#wake = resolve; });
        }
        if (this.#chunks.length === 0 && this.#error !== null) {
            throw this.#error;
        }
        return this.#chunks.shift() ?? null;
    }

    async #fill() {
        for (let failures = 0; this.#at < this.#end && this.#error === null;) {
            const before = this.#at;
            try {
                await this.#connect();
            } catch (error) {
                failures = this.#at > before ? 0 : failures;
                await beforeRetry(`The download of ${this.#name} stopped at ${(this.#at / 1e6).toFixed(1)} MB and`, error, failures++, this.#signal)
                    .catch((final) => { this.#error = final; });
            }
            this.#wake();
        }
        this.#answer(true);
    }

    async #connect() {
        const answer = await requestFrom(this.#url, this.#at, this.#signal, this.#end).catch((error) => {
            throw error.httpStatus === 416 ? changed(this.#name) : error;
        });
        try {
            this.#answer(answer.from === this.#at);
            if (!isSameFile(answer, this.#known)) {
                throw changed(this.#name);
            }
            await answer.body.skip(this.#at - answer.from);
            while (this.#at < this.#end) {
                const chunk = await answer.body.need();
                this.#chunks.push(chunk.subarray(0, this.#end - this.#at));
                this.#at += this.#chunks.at(-1).length;
                this.#wake();
            }
        } finally {
            await answer.body.cancel();
        }
    }
}

export function changed(name) {
    return downloadFailed(`${name} changed on the server while it was downloaded.`, "Load it again.");
}

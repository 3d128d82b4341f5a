// What leaves the worker: events of replies in batches, progress not more often than a page can show it.

/** Events wait this long for company: less than a frame. */
const BATCH_MILLIS = 8;
const PROGRESS_MILLIS = 40;

const channel = new MessageChannel();
const turns = [];
channel.port1.onmessage = () => {
    turns.shift()();
    if (turns.length === 0) {
        channel.port1.unref?.();
    }
};
// Node ends with the last thing that it waits for; this is none.
channel.port1.unref?.();

/** Resolves when the event loop has seen to what waited before (a cancel among it); timers would take 4 ms and more. */
export function eventLoopTurn() {
    return new Promise((resolve) => {
        turns.push(resolve);
        channel.port1.ref?.();
        channel.port2.postMessage(null);
    });
}

/** As eventLoopTurn, but in a page, which has to be drawn and to hear its user: a message would come before both. */
export function hostTurn() {
    return typeof document === "undefined" ? eventLoopTurn() : new Promise((resolve) => { setTimeout(resolve); });
}

/** Posts events together; the first after a pause and the ends of replies go at once. */
export class EventBatch {
    #post;
    #events = [];
    #postedAt = 0;

    constructor(post) {
        this.#post = post;
    }

    add(event) {
        this.#events.push(event);
        if (event.kind !== "chunk" || performance.now() - this.#postedAt >= BATCH_MILLIS) {
            this.flush();
        } else if (this.#events.length === 1) {
            setTimeout(() => this.flush(), BATCH_MILLIS);
        }
    }

    flush() {
        if (this.#events.length > 0) {
            const events = this.#events;
            this.#events = [];
            this.#postedAt = performance.now();
            this.#post(events);
        }
    }
}

/** How much of the whole load each phase is, so that one bar can show it. */
const SPANS = { open: [0, 0.05], download: [0, 0.05], test: [0.05, 0.05], upload: [0.05, 0.8], tune: [0.8, 0.85], compile: [0.8, 0.99], ready: [1, 1] };

/** What is counted in a phase; bytes in the others. */
const UNITS = { test: "kernels", tune: "kernels", compile: "pipelines" };

/** Guesses how long the rest takes only after this long and this much. */
const GUESS_MILLIS = 500;
const GUESS_FRACTION = 0.02;

/** Progress of a load: phase, file, bytes (or pipelines), and the fraction of the whole, which never goes back. */
export class LoadProgress {
    #post;
    #fraction = 0;
    #phase = "";
    #postedAt = 0;
    #began = performance.now();

    constructor(post) {
        this.#post = post;
    }

    report(phase, file, loaded, total) {
        const [start, end] = SPANS[phase];
        if (total > 0) {
            this.#fraction = Math.max(this.#fraction, start + (end - start) * Math.min(1, loaded / total));
        }
        const now = performance.now();
        if (phase !== this.#phase || loaded === total || now - this.#postedAt >= PROGRESS_MILLIS) {
            this.#phase = phase;
            this.#postedAt = now;
            this.#post({ phase, file, loaded, total, unit: UNITS[phase] ?? "bytes", fraction: this.#fraction, secondsLeft: this.#secondsLeft(now) });
        }
    }

    /** At the pace so far; null where nothing can be said yet. */
    #secondsLeft(now) {
        const millis = now - this.#began;
        const known = this.#fraction === 1 || (millis >= GUESS_MILLIS && this.#fraction >= GUESS_FRACTION);
        return known ? Math.round(millis * (1 - this.#fraction) / this.#fraction / 100) / 10 : null;
    }
}

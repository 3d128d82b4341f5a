// The model benchmark: loading, prefill, decode, batches, steps in flight. Each cell is a row of the result, measured or skipped with a reason.

import { deleteCached } from "../../crema/crema.js";
import { WatchedEngine, randomTokens } from "./watched-engine.js";

/** A decode starts after so many tokens at least. */
const SHORT_PROMPT = 16;
/** Rounds of a quick cell; their median counts. */
const ROUNDS = 3;
const ROUNDS_MILLIS = 2000;
/** Prompts that are tried where a model ends its reply at once. */
const TRIES = 8;

export class ModelBench {
    #source;
    #options;
    #plan;
    #signal;
    #tell;
    #seed = 1;
    #engine = null;
    /** Tokens a second, as far as known: what tells whether a cell is worth its time. */
    #rate = { prefill: 0, decode: 0 };

    /** `tell(what, fraction)` hears what is going on; `options` are createEngine's. */
    constructor(source, options, plan, signal, tell) {
        this.#source = source;
        this.#options = options;
        this.#plan = plan;
        this.#signal = signal;
        this.#tell = tell;
    }

    /** Loads twice: after the model was forgotten, where it comes from the network, and from this browser's store. */
    async load() {
        const rows = [];
        if (typeof this.#source === "string") {
            this.#tell("Loading for the first time", 0);
            await deleteCached(this.#source);
            rows.push({ kind: "cold", ...await this.#timedOpen() });
            await this.#engine.stored;
        }
        this.#tell("Loading again", 0.5);
        rows.push({ kind: "warm", ...await this.#timedOpen() });
        return rows;
    }

    async #timedOpen() {
        await this.open({});
        return this.#engine.info.load;
    }

    /** The engine, loaded with more options than the run's own. */
    async open(more) {
        await this.close();
        this.#engine = await WatchedEngine.open(this.#source, {
            ...this.#options, ...more, signal: this.#signal,
            onProgress: ({ phase, fraction }) => this.#tell(`Loading: ${phase}`, fraction),
        });
        return this.#engine;
    }

    async engine() {
        return this.#engine ?? await this.open({});
    }

    async close() {
        await this.#engine?.close();
        this.#engine = null;
    }

    /** A first reply makes what is made late, and tells how fast this device is. */
    async warmUp() {
        await this.engine();
        this.#tell("Warming up", 0);
        const timings = await this.#reply(this.#tokens(SHORT_PROMPT), 3);
        this.#learn("prefill", timings.prompt_per_second);
        this.#learn("decode", timings.predicted_per_second);
    }

    async prefill() {
        return this.#cells(this.#plan.prefill, "tokens", "Prefill", async (tokens) => {
            this.#refuse(tokens + 1, tokens / this.#rate.prefill);
            const rates = [];
            const began = performance.now();
            while (rates.length < ROUNDS && (rates.length === 0 || performance.now() - began < ROUNDS_MILLIS)) {
                const timings = await this.#reply(this.#tokens(tokens), 1);
                rates.push(timings.prompt_n / timings.prompt_ms * 1000);
            }
            const tokensPerSecond = median(rates);
            this.#learn("prefill", tokensPerSecond);
            return { tokensPerSecond, millis: tokens / tokensPerSecond * 1000 };
        });
    }

    async decode() {
        return this.#cells(this.#plan.decode, "depth", "Decode at depth", async (depth) => {
            const { tokens, timings, counters } = await this.#continued(Math.max(depth, SHORT_PROMPT), 1);
            const tokensPerSecond = timings.predicted_per_second;
            this.#learn("decode", tokensPerSecond);
            return { tokens, tokensPerSecond, millisPerToken: 1000 / tokensPerSecond, counters };
        });
    }

    async batch() {
        return this.#cells(this.#plan.batch, "sequences", "Sequences at once:", async (sequences) => {
            const { tokens, timings, counters } = await this.#continued(SHORT_PROMPT, sequences);
            const tokensPerSecond = timings.predicted_per_second;
            return { tokens, tokensPerSecond, millisPerStep: 1000 * sequences / tokensPerSecond, counters };
        });
    }

    /** Loads the model once for each depth. */
    async stepsAhead() {
        return this.#cells(this.#plan.stepsAhead, "depth", "Steps ahead:", async (depth) => {
            await this.open({ stepsAhead: depth });
            await this.warmUp();
            const { tokens, timings } = await this.#continued(SHORT_PROMPT, 1);
            return { tokens, tokensPerSecond: timings.predicted_per_second };
        });
    }

    /** A row for each value; what a cell refuses or what goes wrong with it is in the row. */
    async #cells(values, name, title, measure) {
        const rows = [];
        for (const [index, value] of values.entries()) {
            this.#signal.throwIfAborted();
            this.#tell(`${title} ${value.toLocaleString("en")}`, index / values.length);
            await this.engine();
            try {
                rows.push({ [name]: value, ...await measure(value) });
            } catch (error) {
                this.#signal.throwIfAborted();
                rows.push({ [name]: value, skipped: error.message });
            }
        }
        return rows;
    }

    /** Decodes after a prompt of `depth` tokens, which is kept from a first reply; counters are what each token more costs. */
    async #continued(depth, n) {
        const wanted = Math.max(2, Math.min(this.#plan.decodeTokens, Math.floor(this.#rate.decode * this.#plan.seconds / 2)));
        this.#refuse(depth + wanted + 1, depth / this.#rate.prefill);
        let longest = { tokens: 0 };
        // A reply that the model ends early has steps that were begun ahead and count for nothing.
        for (let attempt = 0; attempt < TRIES && longest.tokens < n * wanted; attempt++) {
            const prompt = this.#tokens(depth);
            await this.#reply(prompt, 1);
            const before = await this.#counted(prompt, 1, n);
            const { timings, counts } = await this.#counted(prompt, 1 + wanted, n);
            const tokens = timings.predicted_n - n;
            if (tokens > longest.tokens) {
                const counters = Object.fromEntries(Object.keys(counts).map((name) => [name, round((counts[name] - before.counts[name]) / tokens)]));
                longest = { tokens, timings, counters };
            }
        }
        if (longest.tokens === 0) {
            throw new Error("the model ends its replies at once");
        }
        return longest;
    }

    async #counted(prompt, maxTokens, n) {
        const before = await this.#engine.counts();
        const timings = await this.#reply(prompt, maxTokens, n);
        const after = await this.#engine.counts();
        return { timings, counts: Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]])) };
    }

    #refuse(contextTokens, seconds) {
        const { contextLength } = this.#engine.info.model;
        if (contextTokens > contextLength) {
            throw new Error(`the context ends at ${contextLength.toLocaleString("en")} tokens`);
        }
        if (seconds > this.#plan.seconds) {
            throw new Error(`it would take about ${Math.round(seconds)} s here`);
        }
    }

    #learn(what, rate) {
        if (rate > 0) {
            this.#rate[what] = rate;
        }
    }

    #tokens(count) {
        return randomTokens(count, this.#engine.info.model.vocabularySize, this.#seed++);
    }

    #reply(prompt, maxTokens, n = 1) {
        return this.#engine.complete(prompt, maxTokens, { n, signal: this.#signal });
    }
}

function median(values) {
    return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function round(value) {
    return Math.round(value * 100) / 100;
}

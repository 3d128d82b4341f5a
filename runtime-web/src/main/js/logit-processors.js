// Functions that change the logits of the next token, by name: built in, imported from a module of the page's, or the page's own where the engine
// runs in the page. `(tokens: Int32Array, logits: Float32Array) => void`: prompt and reply so far, and one number a token of the vocabulary.

import { invalidRequest } from "./errors.js";

const BUILT_IN = { no_repeat_ngram: noRepeatNgram };

export class LogitProcessors {
    #own = new Map();

    /** `processor` is a function, or the address of a module whose default export is one. */
    async add(name, processor) {
        this.#own.set(name, typeof processor === "function" ? processor : await imported(processor));
    }

    /** The one that a request names, `name` or `name:size`; null for none. */
    get(wanted) {
        if (wanted === null || wanted === undefined) {
            return null;
        }
        const [name, size] = String(wanted).split(":");
        if (this.#own.has(wanted)) {
            return this.#own.get(wanted);
        }
        if (!Object.hasOwn(BUILT_IN, name)) {
            throw invalidRequest(`There is no logit processor "${wanted}".`,
                `Add it with engine.addLogitProcessor; ${[...Object.keys(BUILT_IN), ...this.#own.keys()].join(", ")} are there.`, "logitProcessor");
        }
        return BUILT_IN[name](size);
    }
}

async function imported(address) {
    let module;
    try {
        module = await import(/* webpackIgnore: true */ /* @vite-ignore */ address);
    } catch (error) {
        throw invalidRequest(`The logit processor ${address} could not be imported: ${error.message}`,
            "It must be a module that this place may import; service workers can import none.", "processor");
    }
    if (typeof module.default !== "function") {
        throw invalidRequest(`${address} has no function as its default export.`, "Write: export default (tokens, logits) => { ... }", "processor");
    }
    return module.default;
}

/** No `size` tokens in a row (3 without it) come a second time, as transformers' no_repeat_ngram_size. */
function noRepeatNgram(given = "3") {
    const size = Number(given);
    if (!Number.isInteger(size) || size < 1 || size > 64) {
        throw invalidRequest(`no_repeat_ngram has the size ${given}.`, "It is a whole number from 1 to 64, as in no_repeat_ngram:3.", "logitProcessor");
    }
    return (tokens, logits) => {
        const last = tokens.length - size + 1;
        for (let start = 0; start < last; start++) {
            let same = 0;
            while (same < size - 1 && tokens[start + same] === tokens[last + same]) {
                same++;
            }
            if (same === size - 1) {
                logits[tokens[start + same]] = -Infinity;
            }
        }
    };
}

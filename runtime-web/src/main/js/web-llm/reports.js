// What WebLLM tells of loading and of speed, in its shapes.

const WORDS = {
    open: "Opening", test: "Testing the GPU", download: "Fetching", upload: "Loading", tune: "Tuning kernels", compile: "Compiling kernels", ready: "Ready",
};
const MB = 1e6;

/** `initProgressCallback({ progress, timeElapsed, text })`: 0 to 1 over all models, seconds, and words for a person. */
export class LoadReports {
    #tell;
    #count;
    #began = performance.now();

    constructor(tell, count) {
        this.#tell = tell;
        this.#count = count;
    }

    hear(index, { phase, file, loaded, total, fraction }) {
        const progress = (index + fraction) / this.#count;
        const seconds = this.#seconds();
        const bytes = (phase === "download" || phase === "upload") && loaded > 0
            ? `: ${Math.round(loaded / MB)}${total > 0 ? ` of ${Math.round(total / MB)}` : ""} MB` : "";
        const text = `${WORDS[phase]} ${file}${bytes}. ${Math.floor(progress * 100)}% completed, ${Math.round(seconds)} secs elapsed.`;
        // 1 says that all is there, which is for `finish` to say.
        this.#tell({ progress: Math.min(progress, 0.999), timeElapsed: seconds, text });
    }

    finish(device) {
        this.#tell({ progress: 1, timeElapsed: this.#seconds(), text: `Finish loading on ${device.kind === "webgpu" ? "WebGPU" : "WebAssembly"} - ${device.name}` });
    }

    #seconds() {
        return (performance.now() - this.#began) / 1000;
    }
}

/** Tokens and times of all replies; a stream tells them once, in one of its last chunks or in two alike. */
export class Statistics {
    #prompt = { tokens: 0, millis: 0 };
    #reply = { tokens: 0, millis: 0 };
    #heard = new WeakSet();

    add(run, timings) {
        if (timings && !this.#heard.has(run)) {
            this.#heard.add(run);
            this.#prompt.tokens += timings.prompt_n;
            this.#prompt.millis += timings.prompt_ms;
            this.#reply.tokens += timings.predicted_n;
            this.#reply.millis += timings.predicted_ms;
        }
    }

    text() {
        const speed = ({ tokens, millis }) => (millis > 0 ? tokens / millis * 1000 : 0).toFixed(4);
        return `prefill: ${speed(this.#prompt)} tokens/sec, decoding: ${speed(this.#reply)} tokens/sec`;
    }
}

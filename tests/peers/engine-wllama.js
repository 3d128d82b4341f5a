import { Wllama } from "/peers/node_modules/@wllama/wllama/esm/index.js";

/** It takes texts alone: letters that no merge of the made-up vocabulary joins are a token each. */
const LETTERS = "bcdfgjkmpquvxyz";

export async function open({ gguf }, { device, threads, contextLength }) {
    const log = [];
    const keep = (...parts) => log.push(parts.join(" "));
    const wllama = new Wllama({ default: "/peers/node_modules/@wllama/wllama/esm/wasm/wllama.wasm" },
        { logger: { debug: keep, log: keep, warn: keep, error: keep } });
    const file = await (await fetch(gguf)).blob();
    globalThis.engineLog = log;
    await wllama.loadModel([new File([file], "model.gguf")], {
        n_ctx: contextLength, n_gpu_layers: device === "webgpu" ? 999 : 0, n_threads: threads, n_parallel: 1, log_level: 4,
    });
    return {
        async generate(ids, tokens) {
            const prompt = ids.map((id) => LETTERS[id % LETTERS.length]).join("");
            const { usage } = await wllama.createCompletion({ prompt, max_tokens: tokens, temperature: 0, ignore_eos: true });
            return { read: usage.prompt_tokens, made: usage.completion_tokens };
        },
        backend: () => `wllama, llama.cpp on ${wllama.getNumThreads()} threads`,
    };
}

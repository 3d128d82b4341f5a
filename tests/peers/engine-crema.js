import { createEngine } from "/crema/crema.js";

export async function open({ gguf }, { device, threads, contextLength }) {
    const engine = await createEngine(gguf, { device, contextLength, cache: false, startWorker, ...device === "wasm" && { threads } });
    return {
        async generate(prompt, tokens) {
            const { usage } = await engine.completions.create({ prompt, max_tokens: tokens, temperature: 0 });
            return { read: usage.prompt_tokens, made: usage.completion_tokens };
        },
        backend: () => `${engine.info.device.kind}, ${engine.info.device.name}`,
    };
}

/** From a blob, as the watch expects it. */
function startWorker(script) {
    const own = URL.createObjectURL(new Blob([`import ${JSON.stringify(script.href)};`], { type: "text/javascript" }));
    return new Worker(own, { type: "module" });
}

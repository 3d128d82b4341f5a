// Programs as people write them for @mlc-ai/web-llm; the page's import map gives them Crema's module instead. Each returns what it would show.

import * as webllm from "@mlc-ai/web-llm";

const MODEL = "Crema-Tiny-q0f32-MLC";
const appConfig = {
    model_list: [
        { model: new URL("/models/crema-tiny/", location.href).href, model_id: MODEL, model_lib: `${webllm.modelLibURLPrefix}${webllm.modelVersion}/tiny.wasm`, overrides: { context_window_size: 512 } },
        { model: new URL("/models/crema-tiny/", location.href).href, model_id: "Second-MLC", model_lib: "" },
    ],
    cacheBackend: "cache",
};
const OPPOSITE = [{ role: "user", content: "What is the opposite of hot?" }];

export async function getStarted() {
    const reports = [];
    const engine = await webllm.CreateMLCEngine(MODEL, { initProgressCallback: (report) => reports.push(report), logLevel: "INFO", appConfig }, { temperature: 0 });
    const reply = await engine.chat.completions.create({ messages: [{ role: "system", content: "You are helpful." }, ...OPPOSITE], n: 2, max_tokens: 20, logprobs: true, top_logprobs: 2 });
    const stats = await engine.runtimeStatsText();
    const limits = { buffer: await engine.getMaxStorageBufferBindingSize(), vendor: await engine.getGPUVendor() };
    await engine.unload();
    const after = await engine.chat.completions.create({ messages: OPPOSITE }).catch(({ name }) => name);
    return { reports, reply, stats, limits, after };
}

export async function streaming() {
    const engine = await webllm.CreateMLCEngine(MODEL, { appConfig });
    const chunks = await engine.chat.completions.create({ stream: true, messages: OPPOSITE, temperature: 0, stream_options: { include_usage: true }, max_tokens: 20 });
    let message = "";
    let usage = null;
    for await (const chunk of chunks) {
        message += chunk.choices[0]?.delta.content || "";
        usage = chunk.usage ?? usage;
    }
    const last = await engine.getMessage();
    await engine.unload();
    return { message, usage, last };
}

export async function multiRound() {
    const engine = new webllm.MLCEngine({ appConfig });
    await engine.reload(MODEL);
    const messages = [...OPPOSITE];
    const first = await engine.chat.completions.create({ messages, temperature: 0, max_tokens: 20 });
    messages.push(first.choices[0].message, { role: "user", content: "What is the opposite of big?" });
    const second = await engine.chat.completions.create({ messages, temperature: 0, max_tokens: 20 });
    await engine.resetChat();
    const reset = { message: await engine.getMessage(), stats: await engine.runtimeStatsText() };
    await engine.unload();
    return { first: first.choices[0].message.content, second: second.choices[0].message.content, cached: second.usage.prompt_tokens_details.cached_tokens, reset };
}

export async function jsonMode() {
    const engine = await webllm.CreateMLCEngine(MODEL, { appConfig });
    const schema = JSON.stringify({ type: "object", properties: { size: { type: "integer" } }, required: ["size"], additionalProperties: false });
    const ask = (response_format) => engine.chat.completions.create({ messages: OPPOSITE, temperature: 0, max_tokens: 60, response_format });
    const bySchema = await ask({ type: "json_object", schema });
    const byGrammar = await ask({ type: "grammar", grammar: 'root ::= "cold" | "hot"' });
    const tag = await ask({ type: "structural_tag", structural_tag: {} }).catch(({ name }) => name);
    await engine.unload();
    return { bySchema: bySchema.choices[0].message.content, byGrammar: byGrammar.choices[0].message.content, tag };
}

export async function textCompletion() {
    const engine = await webllm.CreateMLCEngine(MODEL, { appConfig });
    const echoed = await engine.completions.create({ prompt: "Once upon a time", echo: true, max_tokens: 8, temperature: 0 });
    const reply = await engine.completions.create({ prompt: "Once upon a time", max_tokens: 8, temperature: 0, logprobs: true, top_logprobs: 2 });
    const embedding = await engine.embeddings.create({ input: ["hot", "cold"] });
    await engine.unload();
    return { text: echoed.choices[0].text, token: reply.choices[0].logprobs.content.at(-1), embeddings: embedding.data.map((entry) => entry.embedding.length) };
}

export async function multiModels() {
    const engine = await webllm.CreateMLCEngine([MODEL, "Second-MLC"], { appConfig });
    const [one, other] = await Promise.all([MODEL, "Second-MLC"].map((model) => engine.chat.completions.create({ model, messages: OPPOSITE, temperature: 0, max_tokens: 20 })));
    const unclear = await engine.chat.completions.create({ messages: OPPOSITE }).catch(({ name }) => name);
    await engine.unload();
    return { models: [one.model, other.model], texts: [one, other].map((reply) => reply.choices[0].message.content), unclear };
}

export async function seedToReproduce() {
    const engine = await webllm.CreateMLCEngine(MODEL, { appConfig });
    const request = { messages: [{ role: "user", content: "Tell me a story." }], n: 2, temperature: 1.2, max_tokens: 12, seed: 7 };
    const texts = [];
    for (let i = 0; i < 2; i++) {
        texts.push((await engine.chat.completions.create(request)).choices.map(({ message }) => message.content));
    }
    await engine.unload();
    return texts;
}

export async function interrupt() {
    const engine = await webllm.CreateMLCEngine(MODEL, { appConfig });
    const chunks = await engine.chat.completions.create({ stream: true, messages: [{ role: "user", content: "Tell me a story." }], temperature: 1, seed: 1, logit_bias: {} });
    let count = 0;
    let reason = null;
    for await (const chunk of chunks) {
        if (++count === 3) {
            await engine.interruptGenerate();
        }
        reason = chunk.choices[0]?.finish_reason ?? reason;
    }
    const next = await engine.chat.completions.create({ messages: OPPOSITE, temperature: 0, max_tokens: 20 });
    await engine.unload();
    return { reason, count, next: next.choices[0].message.content };
}

/** Unloading while a model loads ends that, and the engine can load again. */
export async function abortReload() {
    const engine = new webllm.MLCEngine({ appConfig, logLevel: "SILENT" });
    let reports = 0;
    engine.setInitProgressCallback(() => {
        if (++reports === 1) {
            void engine.unload();
        }
    });
    await engine.reload(MODEL);
    const aborted = await engine.getMessage().catch(({ name }) => name);
    engine.setInitProgressCallback(undefined);
    await engine.reload(MODEL);
    const reply = await engine.chat.completions.create({ messages: OPPOSITE, temperature: 0, max_tokens: 20 });
    await engine.unload();
    return { aborted, reply: reply.choices[0].message.content };
}

export async function cacheUsage() {
    await webllm.deleteModelAllInfoInCache(MODEL, appConfig);
    const before = await webllm.hasModelInCache(MODEL, appConfig);
    const engine = await webllm.CreateMLCEngine(MODEL, { appConfig });
    let kept = false;
    for (let i = 0; i < 100 && !kept; i++) {
        kept = await webllm.hasModelInCache(MODEL, appConfig);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await engine.unload();
    await webllm.deleteChatConfigInCache(MODEL, appConfig);
    await webllm.deleteModelWasmInCache(MODEL, appConfig);
    await webllm.deleteModelInCache(MODEL, appConfig);
    return { before, kept, after: await webllm.hasModelInCache(MODEL, appConfig) };
}

export async function webWorker() {
    const reports = [];
    const worker = new Worker("/pages/web-llm/worker.js", { type: "module" });
    const engine = await webllm.CreateWebWorkerMLCEngine(worker, MODEL, { appConfig, initProgressCallback: (report) => reports.push(report.progress) });
    const whole = await engine.chat.completions.create({ messages: OPPOSITE, temperature: 0, max_tokens: 20 });
    let streamed = "";
    for await (const chunk of await engine.chat.completions.create({ stream: true, messages: OPPOSITE, temperature: 0, max_tokens: 20 })) {
        streamed += chunk.choices[0]?.delta.content || "";
    }
    for await (const chunk of await engine.chat.completions.create({ stream: true, messages: OPPOSITE, max_tokens: 400 })) {
        if (chunk.choices[0]?.delta.content) {
            break;
        }
    }
    const error = await engine.chat.completions.create({ messages: OPPOSITE, temperature: 99 }).catch(({ code, param }) => ({ code, param }));
    const message = await engine.getMessage();
    const custom = await engine.getPromise({ kind: "customRequest", content: { requestName: "double", requestMessage: "21" } });
    await engine.unload();
    worker.terminate();
    return { progress: reports.at(-1), whole: whole.choices[0].message.content, streamed, message: typeof message, error, custom };
}

export async function serviceWorker() {
    await navigator.serviceWorker.register("/pages/web-llm/sw.js", { type: "module", scope: "/pages/web-llm/" });
    const engine = await webllm.CreateServiceWorkerMLCEngine(MODEL, { appConfig }, undefined, 200);
    let streamed = "";
    for await (const chunk of await engine.chat.completions.create({ stream: true, messages: OPPOSITE, temperature: 0, max_tokens: 20 })) {
        streamed += chunk.choices[0]?.delta.content || "";
    }
    window.serviceEngine = engine;
    return { streamed, whole: (await engine.chat.completions.create({ messages: OPPOSITE, temperature: 0, max_tokens: 20 })).choices[0].message.content };
}

/** After the browser stopped the service worker: the next request loads the model again. */
export async function afterRestart() {
    const reply = await window.serviceEngine.chat.completions.create({ messages: OPPOSITE, temperature: 0, max_tokens: 20 });
    await window.serviceEngine.unload();
    return reply.choices[0].message.content;
}

/** Only token 7, then only 8 and so on; tokens are told as they are sampled. */
class CountingProcessor {
    states = 0;
    heard = [];
    #next = 7;

    processLogits(logits) {
        const forced = logits.slice().fill(-100);
        forced[this.#next] = 100;
        return forced;
    }

    processSampledToken(token) {
        this.heard.push(token);
        this.#next++;
    }

    resetState() {
        this.states++;
        this.#next = 7;
    }
}

export async function logitProcessor() {
    const processor = new CountingProcessor();
    const engine = await webllm.CreateMLCEngine(MODEL, { appConfig, logitProcessorRegistry: new Map([[MODEL, processor]]) });
    const tokens = [await engine.forwardTokensAndSample([42, 43], true)];
    for (let i = 0; i < 3; i++) {
        tokens.push(await engine.forwardTokensAndSample([tokens.at(-1)], false));
    }
    await engine.resetChat();
    const { heard, states } = processor;
    processor.heard = [];
    await engine.chat.completions.create({ messages: OPPOSITE, max_tokens: 4, temperature: 0 });
    const plain = await webllm.CreateMLCEngine(MODEL, { appConfig });
    const refused = await plain.forwardTokensAndSample([1], true).catch(({ param }) => param);
    await engine.unload();
    await plain.unload();
    return { tokens, heard, states, inChat: processor.heard, refused };
}

/** chrome.runtime as an extension's page and its service worker see it: ports that carry JSON. */
export async function extension() {
    const listeners = () => {
        const all = [];
        return { addListener: (listener) => all.push(listener), tell: (value) => all.forEach((listener) => listener(value)) };
    };
    const [here, there] = [0, 1].map(() => ({ onMessage: listeners(), onDisconnect: listeners() }));
    here.postMessage = (message) => queueMicrotask(() => there.onMessage.tell(JSON.parse(JSON.stringify(message))));
    there.postMessage = (message) => queueMicrotask(() => here.onMessage.tell(JSON.parse(JSON.stringify(message))));
    const chrome = globalThis.chrome ??= {};
    chrome.runtime = { connect: () => here };
    const handler = new webllm.ExtensionServiceWorkerMLCEngineHandler(there);
    there.onMessage.addListener(handler.onmessage.bind(handler));
    const engine = await webllm.CreateExtensionServiceWorkerMLCEngine(MODEL, { appConfig });
    const reply = await engine.chat.completions.create({ messages: OPPOSITE, temperature: 0, max_tokens: 20 });
    await engine.unload();
    there.onDisconnect.tell();
    here.onDisconnect.tell();
    return reply.choices[0].message.content;
}

export async function convertedByMlc() {
    const model = new URL("/mlc-ai/Tiny-q0f16-MLC", location.href).href;
    const appConfig = { model_list: [{ model, model_id: "Tiny", model_lib: "" }], cacheBackend: "cache" };
    const engine = await webllm.CreateMLCEngine("Tiny", { appConfig });
    const reply = await engine.chat.completions.create({ messages: OPPOSITE, temperature: 0, max_tokens: 20 });
    await engine.unload();
    return reply.choices[0].message.content;
}

export async function errors() {
    const failure = (promise) => promise.then(() => null, ({ name, code, message }) => ({ name, code, message }));
    return {
        unknown: await failure(webllm.CreateMLCEngine("None-MLC", { appConfig })),
        option: await failure(webllm.CreateMLCEngine(MODEL, { appConfig }, { sliding_window_size: 64 })),
        count: await failure(webllm.CreateMLCEngine([MODEL], { appConfig }, [{}, {}])),
    };
}

export async function integrity() {
    const data = new TextEncoder().encode("crema").buffer;
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-384", data));
    const right = `sha384-${btoa(String.fromCharCode(...hash))}`;
    await webllm.verifyIntegrity(data, right, "file");
    const wrong = await webllm.verifyIntegrity(data, right.replace(/.{4}$/, "AAAA"), "file").catch((error) => error instanceof webllm.IntegrityError);
    return { valid: webllm.isValidSRI(right), invalid: ["sha384-short", "md5-AAAA", "", "sha256-" + "A".repeat(64)].map(webllm.isValidSRI), wrong };
}

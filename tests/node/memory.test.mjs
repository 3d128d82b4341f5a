// What loading and running a model of some hundred megabytes takes: in buffers of the GPU, and in the page's memory on the way there.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { launch } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const FOLDER = "/virtual/model/";
const TINY = path.join(ROOT, "models/crema-tiny");
const LAYERS = 16;
const SHAPE = { hidden_size: 768, intermediate_size: 3072, num_hidden_layers: LAYERS, num_attention_heads: 12, num_key_value_heads: 4, head_dim: 64 };
const CONTEXT = 512;
/** k and v in f32, for four contexts. */
const KV_BYTES = 4 * CONTEXT * LAYERS * 2 * 4 * 64 * 4;
const ZEROS = Buffer.alloc(1 << 20);
/** A load that stands still is told of before the test's own limit. */
const LIMIT_MILLIS = 160_000;
const ANSWER_MILLIS = 5_000;
/** Requests for the weights that are under way. */
const open = new Set();

let site;
let browser;

before(async () => {
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai") });
    site.fault = await serveLargeModel();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await site?.close();
}, { timeout: 60_000 });

/** crema-tiny's tokenizer and config with another shape, and weights that are all zero: all in F16. */
async function serveLargeModel() {
    const config = { ...JSON.parse(await readFile(path.join(TINY, "config.json"), "utf8")), ...SHAPE };
    const { head, size } = safetensors(tensors(config));
    return async (request, response) => {
        const { pathname } = new URL(request.url, "http://localhost");
        const name = pathname.startsWith(FOLDER) ? pathname.slice(FOLDER.length) : null;
        if (name === null) {
            return false;
        }
        if (name === "model.safetensors") {
            await sendWeights(request, response, head, size);
        } else {
            const text = name === "config.json" ? JSON.stringify(config) : await readFile(path.join(TINY, name), "utf8").catch(() => null);
            response.writeHead(text === null ? 404 : 200, { "content-type": "application/json" }).end(text ?? "");
        }
        return true;
    };
}

function tensors({ vocab_size: vocab, hidden_size: hidden, intermediate_size: inner, num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: dim }) {
    const shapes = { "model.embed_tokens.weight": [vocab, hidden], "model.norm.weight": [hidden] };
    for (let layer = 0; layer < LAYERS; layer++) {
        Object.assign(shapes, Object.fromEntries(Object.entries({
            "input_layernorm": [hidden], "post_attention_layernorm": [hidden], "self_attn.q_proj": [heads * dim, hidden], "self_attn.k_proj": [kvHeads * dim, hidden],
            "self_attn.v_proj": [kvHeads * dim, hidden], "self_attn.o_proj": [hidden, heads * dim], "mlp.gate_proj": [inner, hidden],
            "mlp.up_proj": [inner, hidden], "mlp.down_proj": [hidden, inner],
        }).map(([name, shape]) => [`model.layers.${layer}.${name}.weight`, shape])));
    }
    return shapes;
}

function safetensors(shapes) {
    let offset = 0;
    const header = {};
    for (const [name, shape] of Object.entries(shapes)) {
        const end = offset + 2 * shape.reduce((product, extent) => product * extent, 1);
        header[name] = { dtype: "F16", shape, data_offsets: [offset, end] };
        offset = end;
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const head = Buffer.concat([length, json]);
    return { head, size: head.length + offset };
}

async function sendWeights(request, response, head, size) {
    const [, from = 0, to = size - 1] = /^bytes=(\d+)-(\d+)?$/.exec(request.headers.range ?? "") ?? [];
    const end = Number(to) + 1;
    response.writeHead(request.headers.range ? 206 : 200, {
        "content-length": end - from, etag: '"zeros"', ...(request.headers.range && { "content-range": `bytes ${from}-${end - 1}/${size}` }),
    });
    let goOn = () => { };
    const state = { range: request.headers.range ?? "all", sentTo: Number(from) };
    open.add(state);
    response.on("close", () => open.delete(state));
    response.on("drain", () => goOn()).on("close", () => goOn());
    for (let at = Number(from); at < end && !response.destroyed;) {
        const bytes = at < head.length ? head.subarray(at, end) : ZEROS.subarray(0, Math.min(ZEROS.length, end - at));
        at += bytes.length;
        state.sentTo = at;
        if (!response.write(bytes) && !response.destroyed) {
            await new Promise((resolve) => { goOn = resolve; });
        }
    }
    response.end();
}

/** Where a page that does not come to an end stands: what it last said, who of its threads answers, what the server still sends. */
async function whereItStands(page) {
    const ask = (name, asked) => Promise.race([asked.catch((error) => `fails (${error.message})`), sleep(ANSWER_MILLIS, "does not answer", { ref: false })])
        .then((answer) => `${name}: ${answer}`);
    const threads = [ask("page", page.evaluate(() => `${window.stage}, last progress ${JSON.stringify(window.lastProgress)}`)),
        ...page.workers().map((worker, i) => ask(`worker ${i} (${worker.url()})`, worker.evaluate(() => "answers")))];
    return [...await Promise.all(threads), `requests under way: ${JSON.stringify([...open])}`].join("\n");
}

/** What the page finds out, or an error that says where it stands when that takes too long. */
async function inTime(page, finding) {
    const stop = new AbortController();
    try {
        return await Promise.race([finding, sleep(LIMIT_MILLIS, null, { signal: stop.signal }).then(async () => {
            throw new Error(`No end after ${LIMIT_MILLIS / 1000} seconds.\n${await whereItStands(page)}`);
        })]);
    } finally {
        stop.abort();
    }
}

for (const cache of ["opfs", false]) {
    test(`a model of 300 MB takes its own size of the GPU, and 128 MB of the page at most (cache: ${cache})`, { timeout: 180_000 }, async (t) => {
        const page = await (await browser.newContext()).newPage();
        await page.goto(`${site.url}/pages/engine.html`);
        await page.waitForFunction(() => window.ready);
        const { weights, gpu, host } = await inTime(page, page.evaluate(async ({ folder, contextLength, cache }) => {
            window.stage = "loading";
            const channel = new BroadcastChannel("memory-watch");
            const ask = () => new Promise((resolve) => {
                channel.onmessage = ({ data }) => resolve(data);
                channel.postMessage("ask");
            });
            const startWorker = (script) => {
                const code = `import "${location.origin}/pages/memory-watch.js";\nimport ${JSON.stringify(script.href)};`;
                return new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), { type: "module" });
            };
            const engine = await crema.createEngine(folder, { device: "webgpu", selfTest: "off", cache, contextLength, startWorker,
                onProgress: (event) => { window.lastProgress = event; } });
            window.stage = "loaded";
            const loaded = await ask();
            window.stage = "writing";
            await engine.completions.create({ prompt: "Once upon a time", max_tokens: 2, temperature: 0 });
            const { gpu } = await ask();
            window.stage = "closing";
            await engine.close();
            return { weights: engine.info.model.bytes, gpu, host: loaded.page };
        }, { folder: FOLDER, contextLength: CONTEXT, cache }));
        t.diagnostic(`weights ${weights}, KV ${KV_BYTES}, GPU at most ${gpu.peakBytes}; page at most ${host.peakBytes}, ${host.bytes} left`);
        assert.ok(weights > 250e6, `${weights} bytes of weights`);
        assert.ok(gpu.peakBytes >= weights + KV_BYTES, `${gpu.peakBytes} bytes can't hold weights and KV cache`);
        assert.ok(gpu.peakBytes <= 1.1 * (weights + KV_BYTES), `${gpu.peakBytes} bytes of GPU memory for ${weights} of weights and ${KV_BYTES} of KV cache`);
        // Without a store, the first 64 MB stay in memory until the model is loaded (keep.js).
        const limit = cache ? 128 << 20 : 64 << 20;
        assert.ok(host.peakBytes > 8 << 20 && host.peakBytes <= limit, `${host.peakBytes} bytes in the page`);
        await page.context().close();
    });
}

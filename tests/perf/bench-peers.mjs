// Crema beside transformers.js and wllama, on WebGPU in one browser: one shape of random weights, 4 bits a weight, one engine after the other.

import { readFileSync } from "node:fs";
import path from "node:path";
import { watchErrors } from "../node/browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "../node/static-server.mjs";
import { installPackages } from "../run/install.mjs";
import { openBrowser } from "./chromium.mjs";
import { MADE, crema, synthesize, synthesizeOnnx } from "./models.mjs";
import { rate, table } from "./tables.mjs";

const PEERS = path.join(ROOT, "tests/peers");

export async function benchPeers(options) {
    installPackages(PEERS);
    const gguf = synthesize(options.shape, "Q4_0");
    const { config } = JSON.parse(crema("inspect", gguf, "--json"));
    const model = { gguf: `/models/made/${path.basename(gguf)}`, onnx: `/models/made/${path.basename(synthesizeOnnx(options.shape, config))}` };
    const site = await serve({ ...DEMO_MOUNTS, "/peers/": PEERS, "/models/made/": MADE });
    const browser = await openBrowser(options);
    const rounds = {};
    try {
        for (let round = 0; round < options.rounds; round++) {
            for (const engine of options.engines.split(",")) {
                (rounds[engine] ??= []).push(await runEngine(browser, site.url, engine, model, config, options));
            }
        }
    } finally {
        await browser.close();
        await site.close();
    }
    const results = Object.fromEntries(Object.entries(rounds).map(([engine, each]) => [engine, together(each)]));
    process.stdout.write(options.json ? `${JSON.stringify({ shape: options.shape, date: new Date().toISOString(), results }, null, 2)}\n` : print(options, results));
}

/** Rounds as one: the median of what is timed; counts are the same in each. A round that failed stands for all. */
function together(rounds) {
    const failed = rounds.find((round) => round.failed);
    if (failed) {
        return failed;
    }
    const median = (name) => rounds.map((round) => round[name]).toSorted((a, b) => a - b)[rounds.length >> 1];
    return { ...rounds[0], rounds: rounds.length, ...Object.fromEntries(["loadMillis", "prefillPerSecond", "decodePerSecond"].map((name) => [name, median(name)])) };
}

/** The figures of one engine; with { failed }, and what it said, where it does not run on WebGPU. */
async function runEngine(browser, site, engine, model, config, { prompt, tokens, minutes }) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors = watchErrors(page);
    const watch = readFileSync(path.join(ROOT, "demo-site/src/main/site/js/bench/gpu-watch.js"), "utf8");
    await page.addInitScript({ content: `{\n${watch}\n}\nglobalThis.WATCH = ${JSON.stringify(watch)};` });
    await page.addInitScript({ path: path.join(PEERS, "watch-everywhere.js") });
    let timer;
    try {
        await page.goto(`${site}/peers/page.html`);
        await page.waitForFunction(() => window.measure !== undefined);
        const late = new Promise((_, reject) => {
            timer = setTimeout(() => reject(new Error(`not done after ${minutes} minutes`)), minutes * 60_000);
        });
        const measured = page.evaluate(([name, what]) => window.measure(name, what), [engine, { model, vocabulary: config.vocab_size, prompt, tokens }]);
        const result = await Promise.race([measured, late]);
        return result.counters.dispatches > 0 ? result : { ...result, failed: await withoutGpu(page) };
    } catch (error) {
        const log = await page.evaluate(() => globalThis.engineLog ?? []).catch(() => []);
        return { failed: error.message.split("\n")[0], errors: errors.slice(0, 5), log: log.filter((line) => /webgpu|error|fail/i.test(line)).slice(-8) };
    } finally {
        clearTimeout(timer);
        await context.close();
    }
}

/** llama.cpp's WebGPU backend asks for an adapter, and goes on without a device where that has no shader-f16 (ggml-webgpu.cpp requires it). */
async function withoutGpu(page) {
    const hasF16 = await page.evaluate(async () => (await navigator.gpu.requestAdapter())?.features.has("shader-f16") ?? null);
    return `it computed on the CPU: not one WebGPU dispatch was counted, on an adapter ${hasF16 ? "with" : "without"} shader-f16`;
}

const COUNTED = ["dispatches", "passes", "submits", "bindGroups", "buffers", "writeBuffers", "writtenBytes", "readbacks", "readbackBytes"];

function print({ shape, prompt, tokens }, results) {
    const names = Object.keys(results).filter((name) => !results[name].failed);
    const row = (text, of) => [text, ...names.map((name) => of(results[name]))];
    const parts = [`${shape}, 4 bits a weight, prompt of ${prompt} tokens, ${tokens} new tokens`];
    if (names.length > 0) {
        parts.push(table(["", ...names], [
            row("load, s", ({ loadMillis }) => (loadMillis / 1000).toFixed(1)), row("prefill, tokens/s", (each) => rate(each.prefillPerSecond)),
            row("decode, tokens/s", (each) => rate(each.decodePerSecond)), ...COUNTED.map((what) => row(`${what} a token`, ({ counters }) => counters[what])),
        ]));
    }
    for (const [name, { failed, errors = [], log = [] }] of Object.entries(results)) {
        if (failed) {
            parts.push([`${name} did not run on WebGPU: ${failed}`, ...errors, ...log].join("\n  "));
        }
    }
    return `${parts.join("\n\n")}\n`;
}

// crema/web-llm in place of @mlc-ai/web-llm: the same exports, and programs as they are written for it.

import assert from "node:assert/strict";
import path from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { after, before, test } from "node:test";
import * as real from "@mlc-ai/web-llm";
import { launch, watchErrors } from "./browser.mjs";
import { writeMlcFolder } from "./mlc-folder.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

let site;
let browser;
let page;
let errors;
const folder = mkdtempSync(path.join(os.tmpdir(), "crema-mlc-"));

before(async () => {
    writeMlcFolder(path.join(ROOT, "models/crema-tiny"), path.join(folder, "Tiny-q0f16-MLC/resolve/main"));
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/mlc-ai/": folder });
    browser = await launch();
    page = await (await browser.newContext()).newPage();
    errors = watchErrors(page);
    await page.goto(`${site.url}/pages/web-llm/index.html`);
    await page.waitForFunction(() => window.ready);
});

after(async () => {
    await browser?.close();
    await site?.close();
    rmSync(folder, { recursive: true });
});

/** Runs a program of pages/web-llm/programs.js in the page. */
function program(what, name, verify) {
    test(what, async () => {
        errors.length = 0;
        verify(await page.evaluate(async (name) => (await import("/pages/web-llm/programs.js"))[name](), name));
        assert.deepEqual(errors, []);
    });
}

test("each export of the package is there, of the same kind", async () => {
    const ours = await page.evaluate(() => Object.fromEntries(Object.entries(window.webllm).map(([name, value]) => [name, typeof value])));
    for (const [name, value] of Object.entries(real)) {
        assert.equal(ours[name], typeof value, name);
    }
});

test("each method of its engines is there", async () => {
    for (const name of ["MLCEngine", "WebWorkerMLCEngine", "WebWorkerMLCEngineHandler", "ServiceWorkerMLCEngineHandler", "ExtensionServiceWorkerMLCEngineHandler"]) {
        const ours = await page.evaluate((name) => {
            const found = [];
            for (let prototype = window.webllm[name].prototype; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype)) {
                found.push(...Object.getOwnPropertyNames(prototype));
            }
            return found;
        }, name);
        const wanted = Object.getOwnPropertyNames(real[name].prototype).filter((method) => PUBLIC.has(method));
        assert.deepEqual(wanted.filter((method) => !ours.includes(method)), [], name);
    }
});

/** What its documentation describes; the rest of its prototypes is for itself (TypeScript's private). */
const PUBLIC = new Set(["setAppConfig", "setInitProgressCallback", "getInitProgressCallback", "setLogitProcessorRegistry", "setLogLevel", "reload", "unload",
    "interruptGenerate", "chatCompletion", "completion", "embedding", "listResumableSessions", "resumeChatCompletion", "deleteResumableSession",
    "getMaxStorageBufferBindingSize", "getGPUVendor", "forwardTokensAndSample", "getMessage", "runtimeStatsText", "resetChat", "postMessage", "onmessage", "setPort",
    "onPortDisconnect", "handleTask"]);

program("get started", "getStarted", ({ reports, reply, stats, limits, after }) => {
    assert.equal(reply.choices.length, 2);
    assert.match(reply.choices[0].message.content, /cold/i);
    assert.equal(reply.choices[0].logprobs.content[0].top_logprobs.length, 2);
    assert.ok(reply.usage.extra.prefill_tokens_per_s > 0);
    assert.equal(reports.at(-1).progress, 1);
    assert.match(reports.at(-1).text, /^Finish loading on /);
    assert.ok(reports.slice(0, -1).every(({ progress }) => progress < 1));
    assert.match(stats, /^prefill: \d+\.\d+ tokens\/sec, decoding: \d+\.\d+ tokens\/sec$/);
    assert.ok(limits.buffer > 0);
    assert.equal(typeof limits.vendor, "string");
    assert.equal(after, "EngineNotLoadedError");
});

program("streaming", "streaming", ({ message, usage, last }) => {
    assert.match(message, /cold/i);
    assert.equal(last, message);
    assert.ok(usage.completion_tokens > 0 && usage.extra.decode_tokens_per_s > 0);
});

program("several rounds", "multiRound", ({ first, second, cached, reset }) => {
    assert.match(first, /cold/i);
    assert.match(second, /small|little/i);
    assert.ok(cached > 0, "the second round begins with what the first left in the cache");
    assert.equal(reset.message, "");
    assert.match(reset.stats, /^prefill: 0\.0000/);
});

program("JSON mode and grammars", "jsonMode", ({ bySchema, byGrammar, tag }) => {
    assert.equal(typeof JSON.parse(bySchema).size, "number");
    assert.match(byGrammar, /^(cold|hot)$/);
    assert.equal(tag, "UnsupportedFieldsError");
});

program("text completion and embeddings", "textCompletion", ({ text, token, embeddings }) => {
    assert.ok(text.startsWith("Once upon a time"));
    assert.equal(token.top_logprobs.length, 2);
    assert.ok(embeddings.length === 2 && embeddings[0] > 0 && embeddings[0] === embeddings[1]);
});

program("several models", "multiModels", ({ models, texts, unclear }) => {
    assert.deepEqual(models, ["Crema-Tiny-q0f32-MLC", "Second-MLC"]);
    texts.forEach((text) => assert.match(text, /cold/i));
    assert.equal(unclear, "UnclearModelToUseError");
});

program("a seed to reproduce", "seedToReproduce", ([once, again]) => {
    assert.deepEqual(once, again);
    assert.notEqual(once[0], once[1]);
});

program("interruptGenerate", "interrupt", ({ reason, next }) => {
    assert.equal(reason, "abort");
    assert.match(next, /cold/i);
});

program("unload ends reload", "abortReload", ({ aborted, reply }) => {
    assert.equal(aborted, "EngineNotLoadedError");
    assert.match(reply, /cold/i);
});

program("the cache", "cacheUsage", (found) => assert.deepEqual(found, { before: false, kept: true, after: false }));

program("in a web worker", "webWorker", ({ progress, whole, streamed, message, error, custom }) => {
    assert.equal(progress, 1);
    assert.match(whole, /cold/i);
    assert.equal(streamed, whole);
    assert.equal(message, "string");
    assert.equal(error.param, "temperature");
    assert.equal(custom, 42);
});

program("in a service worker", "serviceWorker", ({ streamed, whole }) => {
    assert.match(whole, /cold/i);
    assert.equal(streamed, whole);
});

test("the service worker is stopped", async () => {
    const session = await page.context().newCDPSession(page);
    await session.send("ServiceWorker.enable");
    await session.send("ServiceWorker.stopAllWorkers");
    await session.detach();
});

program("and loads the model again for the next request", "afterRestart", (text) => assert.match(text, /cold/i));

test("the catalogue names each model once, by the address of a file", async () => {
    const { model_list: models } = await page.evaluate(() => window.webllm.prebuiltAppConfig);
    const ids = models.map(({ model_id: id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.includes("Llama-3.2-1B-Instruct-q4f16_1-MLC") && ids.includes("Qwen3-0.6B-q4f32_1-MLC"));
    const known = new Set(real.prebuiltAppConfig.model_list.map(({ model_id: id }) => id));
    assert.deepEqual(ids.filter((id) => !known.has(id)), [], "ids of WebLLM");
    models.forEach(({ model }) => assert.match(model, /^https:\/\/huggingface\.co\/[\w.-]+\/[\w.-]+\/resolve\/main\/[\w.-]+\.gguf$/));
});

program("a logit processor", "logitProcessor", ({ tokens, heard, states, inChat, refused }) => {
    assert.deepEqual(tokens, [7, 8, 9, 10]);
    assert.deepEqual(heard, tokens);
    assert.equal(states, 1);
    assert.deepEqual(inChat, [7, 8, 9], "the last token of a reply is not followed by another");
    assert.equal(refused, "logitProcessorRegistry");
});

program("in an extension", "extension", (text) => assert.match(text, /cold/i));

program("a folder that MLC converted, from the short form of its address", "convertedByMlc", (text) => assert.match(text, /cold/i));

program("errors", "errors", ({ unknown, option, count }) => {
    assert.equal(unknown.name, "ModelNotFoundError");
    assert.match(option.message, /sliding_window_size/);
    assert.match(count.message, /1 models and 2 ChatOptions/);
});

program("integrity", "integrity", ({ valid, invalid, wrong }) => {
    assert.equal(valid, true);
    assert.deepEqual(invalid, [false, false, false, false]);
    assert.equal(wrong, true);
});

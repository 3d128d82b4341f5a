// Where the engine may run: its own worker, a shared one, a service worker, the page, behind a port. The same calls do the same on all.

import assert from "node:assert/strict";
import path from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const TINY = "/models/crema-tiny/";

let site;
let browser;
let context;
let page;
let errors;

before(async () => {
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai") });
    browser = await launch();
    context = await browser.newContext();
    page = await open();
    errors = watchErrors(page);
});

after(async () => {
    await browser?.close();
    await site?.close();
});

afterEach(() => {
    site.fault = null;
});

async function open() {
    const opened = await context.newPage();
    await opened.goto(`${site.url}/pages/engine.html`);
    await opened.waitForFunction(() => window.ready);
    await opened.evaluate(defineHelpers);
    return opened;
}

/** In the page. */
function defineHelpers() {
    const tiny = "/models/crema-tiny/";
    const question = { messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, max_tokens: 40 };
    const story = { messages: [{ role: "user", content: "Tell me a story about a fox." }], max_tokens: 400 };

    /** An engine of a kind; `extension` is behind a port that carries JSON only, as those of browser extensions. */
    window.openKind = async (kind, source = tiny, options = {}) => {
        const worker = kind === "extension" ? await extensionPort() : kind === "page" ? false : kind;
        return crema.createEngine(source, { device: "wasm", threads: 1, worker, ...options });
    };

    /** The two ends of what stands in for chrome.runtime.connect and onConnect. */
    async function extensionPort() {
        const event = () => {
            const listeners = [];
            return { addListener: (listener) => listeners.push(listener), tell: (value) => listeners.forEach((listener) => listener(value)) };
        };
        const ends = [{ onMessage: event(), onDisconnect: event() }, { onMessage: event(), onDisconnect: event() }];
        ends.forEach((end, i) => {
            const other = ends[1 - i];
            end.postMessage = (message) => {
                const json = JSON.stringify(message);
                setTimeout(() => other.onMessage.tell(JSON.parse(json)));
            };
            end.disconnect = () => setTimeout(() => other.onDisconnect.tell(end));
        });
        const { serveEngine } = await import("/crema/serve.js");
        serveEngine(ends[1]);
        return ends[0];
    }

    window.ask = async (engine, options, request = {}) => (await engine.chat.completions.create({ ...question, ...request }, options)).choices[0].message.content;

    window.useAll = async (engine) => {
        let streamed = "";
        for await (const chunk of engine.chat.completions.create({ ...question, stream: true })) {
            streamed += chunk.choices[0]?.delta.content ?? "";
        }
        for await (const chunk of engine.chat.completions.create({ ...story, stream: true })) {
            if (chunk.choices[0]?.delta.content) {
                break;
            }
        }
        const abort = new AbortController();
        const ended = failure(engine.chat.completions.create(story, { signal: abort.signal }));
        setTimeout(() => abort.abort(), 10);
        const aborted = await ended;
        const whole = engine.chat.completions.create(story);
        let interrupted = "";
        for await (const chunk of engine.chat.completions.create({ ...story, stream: true })) {
            interrupted = chunk.choices[0]?.finish_reason ?? interrupted;
            if (chunk.choices[0]?.delta.content) {
                engine.interrupt();
            }
        }
        return {
            streamed, aborted, interrupted, whole: (await whole).choices[0].finish_reason, then: await ask(engine),
            bad: await failure(engine.chat.completions.create({ messages: [{ role: "user", content: "word ".repeat(5000) }] })),
            models: (await engine.models.list()).data.map(({ id }) => id), status: await engine.status(),
        };
    };
}

for (const kind of ["dedicated", "shared", "service", "page", "extension"]) {
    test(`${kind}: streams, leaves early, aborts, interrupts, fails, lists, ends`, async () => {
        const result = await page.evaluate(async (kind) => {
            const phases = [];
            const engine = await openKind(kind, undefined, { onProgress: ({ phase, secondsLeft }) => phases.push([phase, secondsLeft]) });
            const used = await useAll(engine);
            const storage = await engine.stored;
            await engine.close();
            return { phases, used, storage, closed: await failure(engine.chat.completions.create({ messages: [] })), info: engine.info };
        }, kind);
        const { used, phases } = result;
        assert.equal(result.info.model.id, "crema-tiny");
        assert.match(used.streamed, /cold/i);
        assert.equal(used.then, used.streamed);
        assert.equal(used.aborted.name, "AbortError");
        assert.equal(used.interrupted, "stop");
        assert.equal(used.whole, "stop");
        assert.equal(used.bad.code, "context_length_exceeded");
        assert.match(used.bad.message, /1024/);
        assert.equal(used.bad.param, "messages");
        assert.ok(used.bad.hint);
        assert.deepEqual(used.models, ["crema-tiny"]);
        assert.equal(used.status.running, 0);
        assert.equal(phases[0][0], "open");
        assert.deepEqual(phases.at(-1), ["ready", 0]);
        assert.ok(result.storage.kind, result.storage.note);
        assert.equal(result.closed.code, "closed");
    });

    test(`${kind}: a load that is aborted in any phase ends, and the next one works`, async () => {
        const { ends, text } = await page.evaluate(async (kind) => {
            const ends = [];
            for (const at of ["open", "download", "upload", "compile"]) {
                const abort = new AbortController();
                const cache = at === "download" ? false : true;
                ends.push(await failure(openKind(kind, undefined, { signal: abort.signal, cache, onProgress: ({ phase }) => phase === at && abort.abort() })));
            }
            const engine = await openKind(kind);
            const text = await ask(engine);
            await engine.close();
            return { ends, text };
        }, kind);
        assert.deepEqual(ends.map((end) => end?.name ?? null), Array(4).fill("AbortError"));
        assert.match(text, /cold/i);
    });
}

describe("several models", () => {
    test("are loaded together or later, asked by name, and unloaded", async () => {
        const result = await page.evaluate(async (tiny) => {
            const fractions = [];
            const options = { device: "wasm", threads: 1 };
            const engine = await crema.createEngine([tiny, { source: tiny, id: "second" }], { ...options, onProgress: ({ fraction }) => fractions.push(fraction) });
            const both = engine.infos.map(({ model }) => model.id);
            await engine.load(tiny, { id: "third", device: "reference" });
            const taken = await failure(engine.load(tiny, { id: "second", device: "reference" }));
            const list = (await engine.models.list()).data.map(({ id }) => id);
            const names = await Promise.all([undefined, "second", "third", "default"].map(async (model) =>
                (await engine.chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }], temperature: 0, max_tokens: 3 })).model));
            const card = await engine.models.retrieve("third");
            const unknown = await failure(ask(engine, {}, { model: "fourth" }));
            const running = failure(engine.chat.completions.create({ model: "second", messages: [{ role: "user", content: "Tell me a story." }], max_tokens: 500 }));
            await engine.unload("second");
            const gone = await failure(ask(engine, {}, { model: "second" }));
            await engine.unload("crema-tiny");
            const left = await ask(engine);
            await engine.unload();
            const none = await failure(ask(engine));
            const noneListed = await engine.models.list();
            await engine.load(tiny);
            const again = await ask(engine);
            await engine.close();
            return { fractions, both, taken, list, names, card, unknown, running: await running, gone, left, none, noneListed, again };
        }, TINY);
        result.fractions.reduce((before, fraction) => (assert.ok(fraction >= before, "progress never goes back"), fraction), 0);
        assert.equal(result.fractions.at(-1), 1);
        assert.deepEqual(result.both, ["crema-tiny", "second"]);
        assert.equal(result.taken.code, "invalid_request");
        assert.deepEqual(result.list, ["crema-tiny", "second", "third"]);
        assert.deepEqual(result.names, ["crema-tiny", "second", "third", "crema-tiny"]);
        assert.equal(result.card.id, "third");
        assert.equal(result.unknown.code, "model_not_found");
        assert.match(result.unknown.message, /fourth.*"crema-tiny", "second", "third"/);
        assert.equal(result.running.code, "closed");
        assert.equal(result.gone.status, 404);
        assert.match(result.left, /cold/i);
        assert.equal(result.none.code, "model_not_found");
        assert.deepEqual(result.noneListed, { object: "list", data: [] });
        assert.match(result.again, /cold/i);
    });

    test("an engine may begin with none", async () => {
        const { info, text } = await page.evaluate(async (tiny) => {
            const engine = await crema.createEngine(null, { device: "wasm", threads: 1 });
            const { info } = engine;
            await engine.load(tiny);
            const text = await ask(engine);
            await engine.close();
            return { info, text };
        }, TINY);
        assert.equal(info, null);
        assert.match(text, /cold/i);
    });
});

test("a queue that is full refuses with its limit, and what was accepted is answered", async () => {
    const { refused, texts } = await page.evaluate(async (tiny) => {
        const engine = await crema.createEngine(tiny, { device: "wasm", threads: 1, maxQueued: 2 });
        const asked = Array.from({ length: 12 }, () => engine.chat.completions.create({ messages: [{ role: "user", content: "Hi" }], temperature: 0, max_tokens: 8 }));
        const settled = await Promise.allSettled(asked);
        await engine.close();
        return { refused: settled.flatMap(({ reason }) => (reason ? [{ code: reason.code, status: reason.status, message: reason.message }] : [])),
            texts: new Set(settled.flatMap(({ value }) => (value ? [value.choices[0].message.content] : []))).size };
    }, TINY);
    assert.ok(refused.length >= 2 && refused.length <= 10, `${refused.length} were refused`);
    for (const { code, status, message } of refused) {
        assert.deepEqual([code, status], ["queue_full", 429]);
        assert.match(message, /limit is 2/);
    }
    assert.equal(texts, 1);
});

test("of what waits, the higher priority is answered first", async () => {
    const order = await page.evaluate(async (tiny) => {
        const engine = await crema.createEngine(tiny, { device: "wasm", threads: 1 });
        const order = [];
        const create = (content, priority) => engine.chat.completions.create({ messages: [{ role: "user", content }], temperature: 0, max_tokens: 12 }, { priority });
        const running = Array.from({ length: 8 }, (_, i) => create(`Tell me a story about ${i} cats.`, 0));
        const waiting = [-5, 0, 7].map((priority) => create(`Say ${priority}.`, priority).then(() => order.push(priority)));
        await Promise.all([...running, ...waiting]);
        await engine.close();
        return order;
    }, TINY);
    assert.equal(order[0], 7);
});

test("requests that are stopped in any way leave those beside them as they are alone", async () => {
    const { alone, beside } = await page.evaluate(async () => {
        const engine = await openKind("dedicated");
        const asked = (i) => ({ messages: [{ role: "user", content: `Tell me a story about ${["a fox", "two hens", "the sea"][i]}.` }], temperature: 0.8, seed: 7 + i, max_tokens: 80 });
        const text = async (i) => (await engine.chat.completions.create(asked(i))).choices[0].message.content;
        const alone = [await text(0), await text(1), await text(2)];
        const long = (i) => ({ messages: [{ role: "user", content: `${i} ${"The fox and the hen went to the market. ".repeat(20)}` }], max_tokens: 200 });
        const stopped = [];
        for (let i = 0; i < 4; i++) {
            const abort = new AbortController();
            stopped.push(failure(engine.chat.completions.create(long(i), { signal: abort.signal })));
            setTimeout(() => abort.abort(), 5 + 15 * i);
        }
        const leaving = (async () => {
            for await (const chunk of engine.chat.completions.create({ ...long(9), stream: true })) {
                if (chunk.choices[0]?.delta.content) {
                    break;
                }
            }
        })();
        const beside = await Promise.all([text(0), text(1), text(2)]);
        await Promise.all([...stopped, leaving]);
        await engine.close();
        return { alone, beside };
    });
    assert.deepEqual(beside, alone);
});

test("two tabs share one model of a shared worker, and one that goes leaves the other's reply alone", async () => {
    await page.evaluate(() => crema.deleteCached());
    const other = await open();
    const story = { messages: [{ role: "user", content: "Tell me a story about a fox." }], temperature: 0, max_tokens: 120 };
    site.log.length = 0;
    const load = (tab) => tab.evaluate(async () => { window.engine = await openKind("shared"); });
    await Promise.all([load(page), load(other)]);
    const weights = site.log.filter(({ method, path }) => method === "GET" && path.endsWith("crema-tiny/model.safetensors"));
    assert.equal(weights.length, 1, "the model is loaded once");
    const alone = await page.evaluate(async (story) => (await engine.chat.completions.create(story)).choices[0].message.content, story);
    const going = other.evaluate((story) => { engine.chat.completions.create(story).catch(() => { }); }, story);
    const reply = page.evaluate(async (story) => (await engine.chat.completions.create(story)).choices[0].message.content, story);
    await going;
    await other.close();
    assert.equal(await reply, alone);
    await page.waitForFunction(async () => (await engine.status()).running === 0);
    await page.evaluate(() => engine.close());
});

test("a service worker that was stopped loads the model again from the store, and answers", async () => {
    site.log.length = 0;
    await page.evaluate(async () => {
        window.engine = await openKind("service");
        await engine.stored;
    });
    const session = await context.newCDPSession(page);
    await session.send("ServiceWorker.enable");
    await session.send("ServiceWorker.stopAllWorkers");
    site.fault = async (request, response, file) => file.includes("crema-tiny") && Boolean(response.socket.destroy());
    const text = await page.evaluate(() => ask(engine));
    assert.match(text, /cold/i);
    const cut = page.evaluate(async () => {
        let chunks = 0;
        const reading = (async () => {
            for await (const chunk of engine.chat.completions.create({ messages: [{ role: "user", content: "Tell me a story about a fox." }], max_tokens: 900, stream: true,
                logit_bias: await neverEnd() }, { logitProcessor: "no_repeat_ngram:64" })) {
                chunks++;
                window.streaming = true;
            }
        })();
        return { ...await failure(reading), chunks };

        /** The story goes on as long as it may: what would end it is ruled out. */
        async function neverEnd() {
            const [end] = await engine.tokenize("<|im_end|>");
            return { [end]: -100 };
        }
    });
    await page.waitForFunction(() => window.streaming);
    await session.send("ServiceWorker.stopAllWorkers");
    const { code, message, chunks } = await cut;
    assert.equal(code, "closed");
    assert.match(message, /stopped the service worker/);
    assert.ok(chunks > 0);
    assert.match(await page.evaluate(() => ask(engine)), /cold/i);
    await page.evaluate(() => engine.close());
    await session.detach();
});

test("no error reached the console", () => {
    assert.deepEqual(errors, []);
});

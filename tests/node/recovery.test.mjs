// A GPU that fails while a model is loaded or runs: it is replaced, and replies go on with the same tokens. See pages/faulty-gpu.js.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { tinyGguf } from "./gguf.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const TINY = "/models/crema-tiny/";

let site;
let browser;
let page;
let errors;

before(async () => {
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai") });
    browser = await launch();
    page = await (await browser.newContext()).newPage();
    errors = watchErrors(page);
    await page.goto(`${site.url}/pages/engine.html`);
    await page.waitForFunction(() => window.ready);
    await page.evaluate(defineHelpers);
    await page.evaluate((tiny) => window.openFaulty(tiny).then(async ({ engine }) => {
        window.undisturbed = await window.askAll(engine);
        await engine.close();
    }), TINY);
});

after(async () => {
    await browser?.close();
    await site?.close();
});

/** In the page. */
function defineHelpers() {
    const channel = new BroadcastChannel("faulty-gpu");

    /** An engine on a GPU that fails by `plan`, and what is heard of its device. */
    window.openFaulty = async (source, plan = [], options = {}) => {
        const events = [];
        const faulty = `${location.origin}/pages/faulty-gpu.js?plan=${encodeURIComponent(JSON.stringify(plan))}`;
        const startWorker = (script) => {
            const code = `import ${JSON.stringify(faulty)};\nimport ${JSON.stringify(script.href)};`;
            return new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), { type: "module" });
        };
        const engine = await crema.createEngine(source, { device: "webgpu", selfTest: "off", startWorker, onDevice: (event) => events.push(event), ...options });
        return { engine, events };
    };

    /** Tells the GPU how to fail, and waits until it has heard. */
    window.tellGpu = (fault) => new Promise((resolve) => {
        channel.onmessage = resolve;
        channel.postMessage(fault);
    });

    const long = `${"The fox and the hen went to the market. ".repeat(26)}What did the fox buy?`;
    const requests = [
        { messages: [{ role: "user", content: long }], temperature: 0, max_tokens: 10 },
        { messages: [{ role: "user", content: "Tell me a story about a hen." }], temperature: 1, seed: 8, frequency_penalty: 0.6, presence_penalty: 0.4,
            logit_bias: { 300: 2 }, max_tokens: 14 },
    ];

    /** Streams two replies at once: prefill of several steps, sampling, penalties. `onChunk` hears of every chunk that has text. */
    window.askAll = (engine, onChunk = () => { }) => Promise.all(requests.map(async (request) => {
        let text = "";
        let usage = null;
        for await (const chunk of engine.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } })) {
            text += chunk.choices[0]?.delta.content ?? "";
            usage = chunk.usage ?? usage;
            onChunk();
        }
        return { text, tokens: usage.completion_tokens };
    }));
}

/** What a test found out in the page must show one device that failed and was replaced, and the replies of a GPU that did not. */
function assertMended({ events, replies, undisturbed }) {
    assert.deepEqual(events.map(({ state }) => state), ["failed", "replaced"]);
    assert.equal(events[1].device.kind, "webgpu");
    assert.deepEqual(replies, undisturbed);
}

for (const [when, plan] of [["in its upload", { call: "writeBuffer", at: 9 }], ["while kernels are compiled", { call: "createComputePipelineAsync", at: 4 }]]) {
    test(`a GPU lost at load, ${when}, is replaced`, async () => {
        assertMended(await page.evaluate(async ({ tiny, plan }) => {
            const { engine, events } = await openFaulty(tiny, [plan]);
            const replies = await askAll(engine);
            await engine.close();
            return { events, replies, undisturbed };
        }, { tiny: TINY, plan }));
    });
}

// The first two allocate weights, the third allocates joined ones; the first work to end is the upload's, the second a copy into joined weights.
for (const [call, at] of [["popErrorScope", 1], ["popErrorScope", 2], ["popErrorScope", 3], ["onSubmittedWorkDone", 1], ["onSubmittedWorkDone", 2]]) {
    test(`a GPU whose process dies at load is replaced, whichever promise breaks first (${call} ${at})`, async () => {
        const [failed, replaced] = await page.evaluate(async ({ tiny, plan }) => {
            const { engine, events } = await openFaulty(tiny, [plan]);
            await engine.close();
            return events.map(({ state, error }) => ({ state, code: error?.code, message: error?.message, hint: error?.hint }));
        }, { tiny: TINY, plan: { call, at, drop: true } });
        assert.deepEqual([failed?.state, failed?.code, replaced?.state], ["failed", "device_lost", "replaced"]);
        assert.match(failed.message, /The GPU device failed \(OperationError: Instance dropped in/);
        assert.ok(failed.hint);
    });
}

test("a GPU lost twice at load is a clear error", async () => {
    const failed = await page.evaluate((tiny) => failure(openFaulty(tiny, [{ call: "writeBuffer", at: 9 }, { call: "createComputePipelineAsync", at: 2 }])), TINY);
    assert.equal(failed.code, "device_lost");
    assert.match(failed.message, /twice/);
    assert.ok(failed.hint);
});

describe("while replies are written", () => {
    for (const [at, phase] of [[2, "prefill"], [8, "decode"]]) {
        test(`a GPU lost in ${phase} is replaced, and they go on with the same tokens`, async () => {
            assertMended(await page.evaluate(async ({ tiny, at }) => {
                const { engine, events } = await openFaulty(tiny);
                await tellGpu({ fail: { call: "submit", at } });
                const replies = await askAll(engine);
                await engine.close();
                return { events, replies, undisturbed };
            }, { tiny: TINY, at }));
        });
    }

    test("a GPU that reports an error of its own is replaced", async () => {
        const found = await page.evaluate(async (tiny) => {
            const { engine, events } = await openFaulty(tiny);
            let told = null;
            const replies = await askAll(engine, () => { told ??= tellGpu({ blunder: true }); });
            await engine.close();
            return { events: events.map(({ state, device, error }) => ({ state, device, message: error?.message })), replies, undisturbed };
        }, TINY);
        assertMended(found);
        assert.match(found.events[0].message, /blunder/);
    });

    test("progress is told as at load, and the network is not asked for what is kept", async () => {
        const found = await page.evaluate(async (tiny) => {
            const phases = [];
            const { engine, events } = await openFaulty(tiny, [], { onProgress: ({ phase, fraction }) => phases.push({ phase, fraction }) });
            await engine.stored;
            phases.length = 0;
            await fetch("/pages/engine.html?from-here");
            await tellGpu({ fail: { call: "submit", at: 5 } });
            const replies = await askAll(engine);
            await engine.close();
            return { events, replies, undisturbed, phases };
        }, TINY);
        assertMended(found);
        assert.deepEqual([...new Set(found.phases.map(({ phase }) => phase))], ["upload", "compile", "ready"]);
        assert.equal(found.phases.at(-1).fraction, 1);
        const marker = site.log.findLastIndex((entry) => entry.path === "/pages/engine.html");
        assert.deepEqual(site.log.slice(marker + 1).filter(({ method }) => method === "GET"), []);
    });

    test("a model that is not kept comes from the file that the user picked", async () => {
        const bytes = tinyGguf();
        await page.evaluate(() => document.body.append(Object.assign(document.createElement("input"), { type: "file" })));
        await page.setInputFiles("input", { name: "tiny.gguf", mimeType: "application/octet-stream", buffer: bytes });
        const found = await page.evaluate(async () => {
            const ask = async (fault) => {
                const { engine, events } = await openFaulty(document.querySelector("input").files[0]);
                await tellGpu(fault);
                const replies = await askAll(engine);
                await engine.close();
                return { events, replies };
            };
            const { replies: undisturbed } = await ask({ fail: { call: "none" } });
            return { ...await ask({ fail: { call: "submit", at: 8 } }), undisturbed };
        });
        assertMended(found);
    });

    test("a second loss soon after ends replies and engine with a clear error, and a new engine works", async () => {
        const ends = await page.evaluate(async (tiny) => {
            const { engine, events } = await openFaulty(tiny);
            await tellGpu({ fail: { call: "submit", at: 8 } });
            await askAll(engine);
            let told = null;
            const running = await failure(askAll(engine, () => { told ??= tellGpu({ lose: true }); }));
            const lost = await engine.lost;
            const later = await failure(engine.models.list());
            const fresh = await openFaulty(tiny);
            const replies = await askAll(fresh.engine);
            await fresh.engine.close();
            return { running, lost: lost.code, closed: engine.closed, later, states: events.map(({ state }) => state), replies, undisturbed };
        }, TINY);
        assert.equal(ends.running.code, "device_lost");
        assert.match(ends.running.message, /failed again, \d+ seconds after/);
        assert.ok(ends.running.hint);
        assert.equal(ends.lost, "device_lost");
        assert.equal(ends.closed, true);
        assert.ok(ends.later);
        assert.deepEqual(ends.states, ["failed", "replaced"]);
        assert.deepEqual(ends.replies, ends.undisturbed);
    });
});

test("a GPU lost while nothing runs is replaced at the next request", async () => {
    assertMended(await page.evaluate(async (tiny) => {
        const { engine, events } = await openFaulty(tiny);
        await askAll(engine);
        await tellGpu({ lose: true });
        const replies = await askAll(engine);
        await engine.close();
        return { events, replies, undisturbed };
    }, TINY));
});

test("a GPU without room is told with the numbers, whichever allocation fails", async () => {
    const failures = await page.evaluate(async (tiny) => {
        const failures = [];
        // Each allocation has two error scopes, for memory and for validation.
        for (let at = 1; ; at += 2) {
            const failed = await failure(openFaulty(tiny, [{ call: "popErrorScope", at }]).then(({ engine }) => engine.close()));
            if (failed === null) {
                return failures;
            }
            failures.push(failed);
        }
    }, TINY);
    assert.ok(failures.length >= 2, `${failures.length} allocations`);
    for (const { code, message, hint } of failures) {
        assert.equal(code, "out_of_memory");
        assert.match(message, /no room for \d+ bytes of /);
        assert.ok(hint);
    }
});

test("a GPU that comes back without room ends the engine, with the numbers", async () => {
    const { running, lost, states } = await page.evaluate(async (tiny) => {
        const { engine, events } = await openFaulty(tiny, [null, { call: "popErrorScope", at: 1 }]);
        await tellGpu({ lose: true });
        const running = await failure(askAll(engine));
        return { running, lost: (await engine.lost).code, states: events.map(({ state }) => state) };
    }, TINY);
    assert.equal(running.code, "out_of_memory");
    assert.match(running.message, /no room for \d+ bytes of weights/);
    assert.equal(lost, "out_of_memory");
    assert.deepEqual(states, ["failed"]);
});

test("no error reached the console", () => {
    assert.deepEqual(errors, []);
});

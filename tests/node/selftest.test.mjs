// The self-test that a GPU goes through at its first use, and what comes of one that computes wrongly. See pages/wrong-gpu.js.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const TINY = "/models/crema-tiny/";

let site;
let browser;
let expected;

before(async () => {
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai") });
    browser = await launch();
    expected = await inPage(async ({ open, ask }) => {
        const text = await ask(await open({ device: "reference" }));
        return text.reply;
    });
});

after(async () => {
    await browser?.close();
    await site?.close();
});

/** Runs `work` in a page of its own, with nothing remembered; the console must stay clean. */
async function inPage(work) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors = watchErrors(page);
    await page.goto(`${site.url}/pages/engine.html`);
    await page.waitForFunction(() => window.ready);
    await page.evaluate(defineHelpers, TINY);
    const result = await page.evaluate(`(${work})(window.helpers)`);
    await context.close();
    assert.deepEqual(errors, []);
    return result;
}

/** In the page. */
function defineHelpers(tiny) {
    const phases = [];

    /** An engine on a GPU whose kernels of that label are wrong. */
    async function open(options, query = "") {
        const script = (address) => {
            const code = `import ${JSON.stringify(`${location.origin}/pages/wrong-gpu.js?${query}`)};\nimport ${JSON.stringify(address.href)};`;
            return new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), { type: "module" });
        };
        phases.length = 0;
        return crema.createEngine(tiny, { startWorker: script, onProgress: ({ phase }) => phases.push(phase), ...options });
    }

    async function ask(engine) {
        const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "Hello!" }], temperature: 0, max_tokens: 12 });
        await engine.close();
        return { device: engine.info.device, phases: [...phases], reply: reply.choices[0].message.content };
    }
    window.helpers = { open, ask };
}

test("a right GPU passes, and is not tested again", async () => {
    const [first, second] = await inPage(async ({ open, ask }) =>
        [await ask(await open({ device: "webgpu" })), await ask(await open({ device: "webgpu" }))]);
    assert.equal(first.reply, expected);
    const { millis, ...report } = first.device.selfTest;
    assert.deepEqual(report, { remembered: false, dropped: [], notes: [] });
    assert.ok(millis > 0);
    assert.ok(first.phases.includes("test"), "the page hears of it");
    assert.deepEqual(second.device.selfTest, { ...first.device.selfTest, remembered: true });
    assert.ok(!second.phases.includes("test"), "what is remembered is not tested");
    assert.equal(second.reply, expected);
});

test("where nothing is right, WebAssembly runs the model and says why", async () => {
    const { device, reply } = await inPage(async ({ open, ask }) => ask(await open({}, "break=.&hardware")));
    assert.equal(device.kind, "wasm");
    assert.match(device.reason, /This GPU computes wrong/);
    assert.equal(device.selfTest, null);
    assert.equal(reply, expected);
});

test("who asked for WebGPU hears that it computes wrong, or trusts it all the same", async () => {
    const [error, trusted] = await inPage(async ({ open, ask }) => {
        const error = await open({ device: "webgpu" }, "break=sample").then(() => null, ({ code, message }) => ({ code, message }));
        const engine = await open({ device: "webgpu", selfTest: "off" }, "break=sample");
        return [error, await ask(engine)];
    });
    assert.equal(error.code, "device_unavailable");
    assert.match(error.message, /computes wrong/);
    assert.equal(trusted.device.selfTest, null);
    assert.notEqual(trusted.reply, expected);
});

test("without its files the kernels alone are tested, and the report says so", async () => {
    site.fault = (request, response) => request.url.includes("/selftest/") && Boolean(response.writeHead(404).end());
    try {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(`${site.url}/pages/engine.html`);
        await page.waitForFunction(() => window.ready);
        await page.evaluate(defineHelpers, TINY);
        const { device, reply } = await page.evaluate(async () => helpers.ask(await helpers.open({ device: "webgpu" })));
        await context.close();
        assert.equal(device.selfTest.dropped.length, 0);
        assert.match(device.selfTest.notes[0], /^No whole model was tried: .*selftest/);
        assert.equal(reply, expected);
    } finally {
        site.fault = null;
    }
});

// The Wasm device in a page: its threads, and what becomes of it where there can be none. What it computes: conformance.test.mjs, engine.test.mjs.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const TINY = "/models/crema-tiny/";
const MOUNTS = { ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai") };

let site;
let browser;
let page;
let errors;

before(async () => {
    site = await serve(MOUNTS);
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await site?.close();
});

/** A fresh page, for what is loaded stays in one. */
beforeEach(async () => {
    await page?.context().close();
    site.fault = null;
});

async function open() {
    page = await (await browser.newContext()).newPage();
    errors = watchErrors(page);
    await page.goto(`${site.url}/pages/engine.html`);
    await page.waitForFunction(() => window.ready);
}

/** Loads and asks; the device, the answer, and how many workers there are while the engine is open. */
async function ask(options, source = TINY, script = "/crema/crema.js") {
    const { device, reply } = await page.evaluate(async ({ source, options, script }) => {
        const { createEngine } = await import(script);
        window.engine = await createEngine(source, { cache: false, ...options });
        const question = { messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0 };
        return { device: window.engine.info.device, reply: (await window.engine.chat.completions.create(question)).choices[0].message.content };
    }, { source, options, script });
    const during = page.workers().length;
    await page.evaluate(() => window.engine.close());
    return { device, reply, during };
}

test("an isolated page has as many threads as it asks for", async () => {
    await open();
    const { device, reply, during } = await ask({ device: "wasm", threads: 3 });
    assert.equal(device.kind, "wasm");
    assert.ok(device.features.includes("3 threads"), device.features.join());
    assert.ok(device.features.includes("relaxed SIMD"), device.features.join());
    assert.match(reply, /cold/i);
    assert.equal(during, 3, "the engine's worker and two more");
    assert.deepEqual(errors, []);
});

test("the package may be on another host, threads and all", async () => {
    await open();
    const host = await serve();
    host.fault = (request, response) => {
        response.setHeader("access-control-allow-origin", "*");
        response.setHeader("cross-origin-resource-policy", "cross-origin");
        return false;
    };
    try {
        const { device, reply } = await ask({ device: "wasm", threads: 2 }, host.url + TINY, `${host.url}/crema/crema.js`);
        assert.ok(device.features.includes("2 threads"), device.features.join());
        assert.match(reply, /cold/i);
    } finally {
        await host.close();
    }
});

test("a page that is not isolated has one thread, and says why", async () => {
    site.fault = (request, response) => {
        response.removeHeader("cross-origin-opener-policy");
        response.removeHeader("cross-origin-embedder-policy");
        return false;
    };
    await open();
    const { device, reply, during } = await ask({ device: "wasm", threads: 2 });
    assert.ok(device.features.includes("one thread: the page is not cross-origin isolated"), device.features.join());
    assert.match(reply, /cold/i);
    assert.equal(during, 1);
    assert.deepEqual(errors, []);
});

test("where a thread does not start, one does all and says why", async () => {
    site.fault = (request, response) => request.url.includes("kernel-worker.js") && Boolean(response.writeHead(404).end());
    await open();
    const { device, reply, during } = await ask({ device: "wasm", threads: 2 });
    assert.match(device.features.join(), /one thread: a thread could not be started/);
    assert.match(reply, /cold/i);
    assert.equal(during, 1);
});

test("kernels that can't be loaded are told", async () => {
    site.fault = (request, response) => /kernels.*\.wasm/.test(request.url) && Boolean(response.writeHead(404).end());
    await open();
    const error = await page.evaluate(async (tiny) => failure(crema.createEngine(tiny, { device: "wasm" })), TINY);
    assert.equal(error.code, "device_unavailable");
    assert.match(error.message, /kernels.*\.wasm could not be loaded: HTTP 404/);
});

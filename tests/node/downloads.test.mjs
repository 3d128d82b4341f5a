// Large files come by several requests at once: what the server sees of it, and what breaks on the way. Small ones and the store: storage.test.mjs.

import assert from "node:assert/strict";
import path from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launch } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";
import { virtualFile } from "./virtual-file.mjs";

const LARGE = "/virtual/large.gguf";
const PART = 8 << 20;
const SIZE = 5 * PART + 12_345_670;

let site;
let browser;
let context;
let page;

before(async () => {
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai") });
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await site?.close();
});

beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`${site.url}/pages/engine.html`);
    await page.waitForFunction(() => window.ready);
});

afterEach(async () => {
    site.fault = null;
    await context.close();
});

/** Serves the file with faults and reads it in a worker of the page; stops the worker at `stopAt` bytes. */
async function read(options = {}, { cache = "opfs", pauseMillis = 0, stopAt = Infinity } = {}) {
    const served = virtualFile(LARGE, SIZE, options);
    site.fault = served.fault;
    served.result = await page.evaluate(({ url, cache, pauseMillis, stopAt }) => new Promise((resolve) => {
        const worker = new Worker("/pages/download-worker.js", { type: "module" });
        worker.onmessage = ({ data }) => {
            if (data.kind === "ready") {
                worker.postMessage({ url: new URL(url, location.href).href, cache, pauseMillis });
            } else if (data.kind !== "chunk" || data.position > stopAt) {
                worker.terminate();
                resolve(data);
            }
        };
    }), { url: LARGE, cache, pauseMillis, stopAt: stopAt === Infinity ? 1e15 : stopAt });
    return served;
}

function assertWhole({ kind, length, wrong, rising, message }) {
    assert.equal(kind, "done", message);
    assert.equal(length, SIZE);
    assert.equal(wrong, 0, "words that differ");
    assert.ok(rising, "progress never goes back");
}

for (const cache of ["opfs", "cache", false]) {
    test(`a large file comes by four requests at once, every byte once and in its place (cache: ${cache})`, async () => {
        const { requests, mostAtOnce, result } = await read({ bytesPerSecond: 15e6 }, { cache });
        assertWhole(result);
        assert.equal(result.storage.kind, cache || null);
        // The server may see the end of the first connection when the next part is asked for already; a slow machine asks for one when another has ended.
        assert.ok(mostAtOnce >= 3 && mostAtOnce <= 5, `${mostAtOnce} at once`);
        assert.equal(requests[0].range, null);
        const parts = requests.slice(1).map(({ start, end }) => [start, end]).sort(([a], [b]) => a - b);
        assert.deepEqual(parts, Array.from({ length: 6 }, (_, i) => [PART * (i + 1), Math.min(SIZE, PART * (i + 2))]));
    });
}

test("what was kept is read again without a request", async () => {
    assertWhole((await read()).result);
    const { requests, result } = await read();
    assertWhole(result);
    assert.deepEqual(requests, []);
    assert.equal(result.storage.fromCache, true);
});

test("a server that ignores Range is read through the one connection", async () => {
    const { requests, result } = await read({ ranges: false });
    assertWhole(result);
    assert.equal(requests.length, 2);
    assert.ok(requests.every(({ closed }) => closed));
});

test("a range that breaks goes on from the byte it reached, and the others go on meanwhile", async () => {
    let broken = 0;
    const { requests, result } = await read({ breakAt: ({ start }) => (start === 2 * PART && broken++ === 0 ? 3e6 : Infinity) });
    assertWhole(result);
    const again = requests.filter(({ start, end }) => start > 2 * PART && end === 3 * PART);
    assert.equal(again.length, 1);
    assert.ok(again[0].start >= 2 * PART + 2e6, `it goes on at ${again[0].start - 2 * PART}`);
    assert.equal(requests.filter(({ start }) => start === 3 * PART).length, 1);
});

test("the first connection may break as well", async () => {
    let broken = 0;
    const { requests, result } = await read({ breakAt: ({ start }) => (start === 0 && broken++ === 0 ? 5e6 : Infinity) });
    assertWhole(result);
    assert.ok(requests.some(({ range }) => /^bytes=\d+-$/.test(range ?? "")));
});

test("a file that changes on the server in between is an error, not a mixture", async () => {
    const { result } = await read({ etag: (number) => (number < 4 ? '"v1"' : '"v2"') });
    assert.equal(result.kind, "failed");
    assert.equal(result.code, "download_failed");
    assert.match(result.message, /changed on the server/);
});

test("a reader that is slow holds the requests up: no more than four parts are fetched ahead of it", async () => {
    const { requests, result } = await read({}, { pauseMillis: 5, stopAt: 2e6 });
    assert.equal(result.kind, "chunk");
    assert.ok(requests.length <= 4, `${requests.length} requests`);
});

test("cancelling stops all requests, and the next visit goes on where it was", async () => {
    const first = await read({ bytesPerSecond: 20e6 }, { stopAt: 12e6 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const seen = first.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(first.requests.length, seen, "no request after the end");
    assert.ok(first.requests.every(({ closed }) => closed), "all connections are closed");
    const { requests, result } = await read();
    assertWhole(result);
    assert.match(requests[0].range, /^bytes=\d{8}-$/);
    assert.ok(requests[0].start >= 10e6, `it goes on at ${requests[0].start}`);
});

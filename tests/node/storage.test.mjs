// How models come and stay: downloads that break, the store, visits without network, files of the user. Checksums and what the store gives back: stored-files.test.mjs.

import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { test } from "node:test";
import { watchErrors } from "./browser.mjs";
import { tinyGguf } from "./gguf.mjs";
import { sendFile, serve } from "./static-server.mjs";
import { ask, TINY, Visitor, WEIGHTS } from "./visitor.mjs";

const visit = new Visitor();

for (const cache of ["opfs", "cache", "indexeddb"]) {
    test(`a second load from ${cache} asks the server for nothing`, async () => {
        await visit.newVisitor();
        const first = await visit.load({ cache });
        assert.equal(first.storage.kind, cache);
        assert.equal(first.storage.fromCache, false);
        assert.match(first.text, /cold/i);
        assert.equal(visit.requests(WEIGHTS).length, 1, "the header is not fetched apart from the rest");
        visit.site.log.length = 0;
        const second = await visit.load({ cache });
        assert.equal(second.storage.fromCache, true);
        assert.match(second.text, /cold/i);
        assert.deepEqual(visit.site.log.filter(({ method, path }) => method === "GET" && path.startsWith(TINY)), []);
        const kept = await visit.page.evaluate(() => crema.listCached());
        assert.equal(kept.length, 1);
        assert.equal(kept[0].source, visit.site.url + TINY);
        assert.equal(kept[0].complete, true);
        assert.ok(kept[0].bytes > 5_775_832);
        await visit.page.evaluate((source) => crema.deleteCached(source), TINY);
        assert.deepEqual(await visit.page.evaluate(() => crema.listCached()), []);
    });
}

test("where the browser's storage is full, the model runs without being kept, and it is said", async () => {
    await visit.newVisitor();
    const session = await visit.context.newCDPSession(visit.page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: visit.site.url, quotaSize: 2_000_000 });
    const { storage, text } = await visit.load();
    assert.match(text, /cold/i);
    assert.equal(storage.kind, null);
    assert.match(storage.note, /5\.8 MB needed|not kept/);
    assert.ok((await visit.page.evaluate(() => crema.listCached())).every(({ bytes }) => bytes < 1_000_000));
});

test("without a cache the model is loaded and not kept", async () => {
    await visit.newVisitor();
    const { storage, text } = await visit.load({ cache: false });
    assert.equal(storage.kind, null);
    assert.ok(storage.note);
    assert.match(text, /cold/i);
    assert.deepEqual(await visit.page.evaluate(() => crema.listCached()), []);
});

test("a model that is kept loads when its server is gone", async () => {
    await visit.newVisitor();
    await visit.load();
    visit.site.fault = async (request, response, file) => file.includes("crema-tiny") && Boolean(response.socket.destroy());
    const { storage, text } = await visit.load();
    assert.equal(storage.fromCache, true);
    assert.match(text, /cold/i);
});

for (const cache of [true, false]) {
    test(`a download that breaks goes on from the byte it reached (cache: ${cache})`, async () => {
        await visit.newVisitor();
        const ranges = visit.breakAfter(1_500_000, 2);
        const { text } = await visit.load({ cache });
        assert.match(text, /cold/i);
        assert.equal(ranges.length, 3);
        assert.equal(ranges[0], null);
        const starts = ranges.slice(1).map((range) => Number(/^bytes=(\d+)-$/.exec(range)[1]));
        assert.ok(starts[0] > 0 && starts[1] > starts[0], `it goes on at ${starts}`);
    });
}

test("a visit that ended in the middle of a download is continued by the next", async () => {
    await visit.newVisitor();
    let arrived = 0;
    visit.site.fault = async (request, response, file) => {
        if (!file.endsWith("model.safetensors")) {
            return false;
        }
        const write = response.write.bind(response);
        response.write = (chunk, ...rest) => {
            arrived += chunk.length;
            return arrived < 4_000_000 ? write(chunk, ...rest) : false;
        };
        sendFile(request, response, file, await stat(file));
        return true;
    };
    const aborted = visit.page.evaluate(async (tiny) => {
        window.abort = new AbortController();
        return failure(crema.createEngine(tiny, { device: "reference", signal: window.abort.signal }));
    }, TINY);
    // Not by its progress, which is told now and then: the last of it may come before the server falls silent.
    for (let i = 0; i < 1000 && arrived < 4_000_000; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await visit.page.waitForTimeout(500);
    await visit.page.evaluate(() => window.abort.abort());
    assert.equal((await aborted).name, "AbortError");
    visit.site.fault = null;
    await visit.open();
    const { storage, text } = await visit.load();
    assert.match(text, /cold/i);
    assert.equal(storage.kind, "opfs");
    const ranges = visit.requests(WEIGHTS).map(({ range }) => range);
    assert.equal(ranges.length, 1);
    assert.ok(Number(/^bytes=(\d+)-$/.exec(ranges[0] ?? "")?.[1]) > 1_000_000, `it asks for ${ranges[0]}`);
});

test("a file that changed on the server in between is fetched anew", async () => {
    await visit.newVisitor();
    await visit.page.evaluate(async (url) => {
        // What a visit leaves behind that ended in the middle, of a file that the server has no more.
        const worker = new Worker(URL.createObjectURL(new Blob([`
            const { openStore } = await import("${location.origin}/crema/store.js");
            const { store } = await openStore("opfs");
            const writer = await store.writer({ url: "${url}", source: "${url}", size: 5775832, etag: '"old"', modified: null }, 0);
            writer.write(new Uint8Array(3000000).fill(7));
            writer.close();
            postMessage("done");`], { type: "text/javascript" })), { type: "module" });
        await new Promise((resolve, reject) => { worker.onmessage = resolve; worker.onerror = reject; });
        worker.terminate();
    }, visit.site.url + WEIGHTS);
    const { text } = await visit.load();
    assert.match(text, /cold/i);
    assert.deepEqual(visit.requests(WEIGHTS).map(({ range }) => range), ["bytes=1951424-", null]);
});

test("a server that is gone ends in a clear error, with numbers", async () => {
    await visit.newVisitor();
    const failed = await visit.page.evaluate(() => failure(crema.createEngine("/models/crema-tiny/none.gguf")));
    assert.equal(failed.code, "download_failed");
    assert.match(failed.message, /404/);
    assert.ok(failed.hint);
    const folder = await visit.page.evaluate(() => failure(crema.createEngine("/models/nothing-here/")));
    assert.equal(folder.code, "invalid_checkpoint");
});

test("a web page in place of a model is told at once", async () => {
    await visit.newVisitor();
    visit.site.fault = async (request, response, file) => {
        const meant = file.includes("sign-in");
        if (meant) {
            response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<!doctype html><title>Please sign in</title>");
        }
        return meant;
    };
    for (const source of ["/sign-in/model.gguf", "/sign-in/folder/"]) {
        const failed = await visit.page.evaluate((address) => failure(crema.createEngine(address)), source);
        assert.equal(failed.code, "download_failed");
        assert.match(failed.message, /answered with a web page/);
        assert.match(failed.hint, /resolve\/main/);
    }
});

for (const isolated of [true, false]) {
    test(`a server that pages may not read is told within seconds (isolated page: ${isolated})`, async () => {
        const other = await serve();
        try {
            visit.site.fault = async (request, response) => {
                if (!isolated) {
                    response.removeHeader("cross-origin-embedder-policy");
                }
                return false;
            };
            await visit.newVisitor();
            const began = performance.now();
            const failed = await visit.page.evaluate((url) => failure(crema.createEngine(url)), `${other.url}/models/crema-tiny/model.gguf`);
            assert.ok(performance.now() - began < 10_000, `it took ${Math.round(performance.now() - began)} ms`);
            assert.equal(failed.code, "download_failed");
            assert.match(failed.message, isolated ? /can't be reached, or does not let pages/ : /answers, but does not let pages of .* read/);
            assert.match(failed.message, /CORS/);
            assert.match(failed.hint, /Access-Control-Allow-Origin/);
        } finally {
            await other.close();
        }
    });
}

test("two tabs download a model once", async () => {
    await visit.newVisitor();
    const other = await visit.context.newPage();
    await other.goto(`${visit.site.url}/pages/engine.html`);
    await other.waitForFunction(() => window.ready);
    visit.site.log.length = 0;
    const replies = await Promise.all([visit.load(), other.evaluate(ask, { source: TINY, options: {} })]);
    for (const { text } of replies) {
        assert.match(text, /cold/i);
    }
    assert.equal(visit.requests(WEIGHTS).length, 1);
});

test("a GGUF file of the user's is read where it is", async () => {
    await visit.newVisitor();
    const errors = watchErrors(visit.page);
    const bytes = tinyGguf();
    await visit.page.evaluate(() => document.body.append(Object.assign(document.createElement("input"), { type: "file" })));
    await visit.page.setInputFiles("input", { name: "tiny.gguf", mimeType: "application/octet-stream", buffer: bytes });
    const { info, text } = await visit.page.evaluate(async () => {
        const engine = await crema.createEngine(document.querySelector("input").files[0], { device: "reference" });
        const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0 });
        await engine.close();
        return { info: engine.info, text: reply.choices[0].message.content };
    });
    assert.equal(info.model.id, "tiny");
    assert.equal(info.model.format, "gguf");
    assert.match(text, /cold/i);
    assert.deepEqual(errors, []);
    assert.equal(visit.site.log.filter(({ path }) => path.startsWith("/models")).length, 0);
});

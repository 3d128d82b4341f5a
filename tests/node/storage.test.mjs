// How models come and stay: downloads that break, the store, visits without network, files of the user.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { tinyGguf } from "./gguf.mjs";
import { DEMO_MOUNTS, ROOT, sendFile, serve } from "./static-server.mjs";

const TINY = "/models/crema-tiny/";
const WEIGHTS = `${TINY}model.safetensors`;

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

afterEach(async () => {
    site.fault = null;
    await context?.close();
});

/** A visitor who was never here. */
async function newVisitor() {
    context = await browser.newContext();
    page = await context.newPage();
    await open();
}

async function open() {
    await page.goto(`${site.url}/pages/engine.html`);
    await page.waitForFunction(() => window.ready);
    site.log.length = 0;
}

/** In the page: loads, asks once, closes. */
async function ask({ source, options }) {
    const engine = await crema.createEngine(source, { device: "reference", ...options });
    const storage = await engine.stored;
    const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0 });
    await engine.close();
    return { storage, text: reply.choices[0].message.content };
}

const load = (options = {}, source = TINY) => page.evaluate(ask, { source, options });
const requests = (file, method = "GET") => site.log.filter((entry) => entry.path === file && entry.method === method);

for (const cache of ["opfs", "cache", "indexeddb"]) {
    test(`a second load from ${cache} asks the server for nothing`, async () => {
        await newVisitor();
        const first = await load({ cache });
        assert.equal(first.storage.kind, cache);
        assert.equal(first.storage.fromCache, false);
        assert.match(first.text, /cold/i);
        assert.equal(requests(WEIGHTS).length, 1, "the header is not fetched apart from the rest");
        site.log.length = 0;
        const second = await load({ cache });
        assert.equal(second.storage.fromCache, true);
        assert.match(second.text, /cold/i);
        assert.deepEqual(site.log.filter(({ method, path }) => method === "GET" && path.startsWith(TINY)), []);
        const kept = await page.evaluate(() => crema.listCached());
        assert.equal(kept.length, 1);
        assert.equal(kept[0].source, site.url + TINY);
        assert.equal(kept[0].complete, true);
        assert.ok(kept[0].bytes > 5_775_832);
        await page.evaluate((source) => crema.deleteCached(source), TINY);
        assert.deepEqual(await page.evaluate(() => crema.listCached()), []);
    });
}

test("where the browser's storage is full, the model runs without being kept, and it is said", async () => {
    await newVisitor();
    const session = await context.newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: site.url, quotaSize: 2_000_000 });
    const { storage, text } = await load();
    assert.match(text, /cold/i);
    assert.equal(storage.kind, null);
    assert.match(storage.note, /5\.8 MB needed|not kept/);
    assert.ok((await page.evaluate(() => crema.listCached())).every(({ bytes }) => bytes < 1_000_000));
});

test("without a cache the model is loaded and not kept", async () => {
    await newVisitor();
    const { storage, text } = await load({ cache: false });
    assert.equal(storage.kind, null);
    assert.ok(storage.note);
    assert.match(text, /cold/i);
    assert.deepEqual(await page.evaluate(() => crema.listCached()), []);
});

test("a model that is kept loads when its server is gone", async () => {
    await newVisitor();
    await load();
    site.fault = async (request, response, file) => file.includes("crema-tiny") && Boolean(response.socket.destroy());
    const { storage, text } = await load();
    assert.equal(storage.fromCache, true);
    assert.match(text, /cold/i);
});

/** Ends the connection after `bytes` of the weights' body, `times` times. */
function breakAfter(bytes, times) {
    const ranges = [];
    site.fault = async (request, response, file) => {
        if (!file.endsWith("model.safetensors") || request.method !== "GET") {
            return false;
        }
        ranges.push(request.headers.range ?? null);
        if (ranges.length > times) {
            return false;
        }
        const write = response.write.bind(response);
        let sent = 0;
        response.write = (chunk, ...rest) => {
            sent += chunk.length;
            if (sent <= bytes) {
                return write(chunk, ...rest);
            }
            // Browsers drop what they hold of a connection that broke: first let the page read it.
            setTimeout(() => response.socket?.destroy(), 1000);
            return false;
        };
        sendFile(request, response, file, await stat(file));
        return true;
    };
    return ranges;
}

for (const cache of [true, false]) {
    test(`a download that breaks goes on from the byte it reached (cache: ${cache})`, async () => {
        await newVisitor();
        const ranges = breakAfter(1_500_000, 2);
        const { text } = await load({ cache });
        assert.match(text, /cold/i);
        assert.equal(ranges.length, 3);
        assert.equal(ranges[0], null);
        const starts = ranges.slice(1).map((range) => Number(/^bytes=(\d+)-$/.exec(range)[1]));
        assert.ok(starts[0] > 0 && starts[1] > starts[0], `it goes on at ${starts}`);
    });
}

test("a visit that ended in the middle of a download is continued by the next", async () => {
    await newVisitor();
    let arrived = 0;
    site.fault = async (request, response, file) => {
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
    const aborted = page.evaluate(async (tiny) => {
        window.abort = new AbortController();
        return failure(crema.createEngine(tiny, { device: "reference", signal: window.abort.signal }));
    }, TINY);
    // Not by its progress, which is told now and then: the last of it may come before the server falls silent.
    for (let i = 0; i < 1000 && arrived < 4_000_000; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await page.waitForTimeout(500);
    await page.evaluate(() => window.abort.abort());
    assert.equal((await aborted).name, "AbortError");
    site.fault = null;
    await open();
    const { storage, text } = await load();
    assert.match(text, /cold/i);
    assert.equal(storage.kind, "opfs");
    const ranges = requests(WEIGHTS).map(({ range }) => range);
    assert.equal(ranges.length, 1);
    assert.ok(Number(/^bytes=(\d+)-$/.exec(ranges[0] ?? "")?.[1]) > 1_000_000, `it asks for ${ranges[0]}`);
});

test("a file that changed on the server in between is fetched anew", async () => {
    await newVisitor();
    await page.evaluate(async (url) => {
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
    }, site.url + WEIGHTS);
    const { text } = await load();
    assert.match(text, /cold/i);
    assert.deepEqual(requests(WEIGHTS).map(({ range }) => range), ["bytes=1951424-", null]);
});

test("a server that is gone ends in a clear error, with numbers", async () => {
    await newVisitor();
    const failed = await page.evaluate(() => failure(crema.createEngine("/models/crema-tiny/none.gguf")));
    assert.equal(failed.code, "download_failed");
    assert.match(failed.message, /404/);
    assert.ok(failed.hint);
    const folder = await page.evaluate(() => failure(crema.createEngine("/models/nothing-here/")));
    assert.equal(folder.code, "invalid_checkpoint");
});

test("a web page in place of a model is told at once", async () => {
    await newVisitor();
    site.fault = async (request, response, file) => {
        const meant = file.includes("sign-in");
        if (meant) {
            response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<!doctype html><title>Please sign in</title>");
        }
        return meant;
    };
    for (const source of ["/sign-in/model.gguf", "/sign-in/folder/"]) {
        const failed = await page.evaluate((address) => failure(crema.createEngine(address)), source);
        assert.equal(failed.code, "download_failed");
        assert.match(failed.message, /answered with a web page/);
        assert.match(failed.hint, /resolve\/main/);
    }
});

for (const isolated of [true, false]) {
    test(`a server that pages may not read is told within seconds (isolated page: ${isolated})`, async () => {
        const other = await serve();
        try {
            site.fault = async (request, response) => {
                if (!isolated) {
                    response.removeHeader("cross-origin-embedder-policy");
                }
                return false;
            };
            await newVisitor();
            const began = performance.now();
            const failed = await page.evaluate((url) => failure(crema.createEngine(url)), `${other.url}/models/crema-tiny/model.gguf`);
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
    await newVisitor();
    const other = await context.newPage();
    await other.goto(`${site.url}/pages/engine.html`);
    await other.waitForFunction(() => window.ready);
    site.log.length = 0;
    const replies = await Promise.all([load(), other.evaluate(ask, { source: TINY, options: {} })]);
    for (const { text } of replies) {
        assert.match(text, /cold/i);
    }
    assert.equal(requests(WEIGHTS).length, 1);
});

test("a GGUF file of the user's is read where it is", async () => {
    await newVisitor();
    const errors = watchErrors(page);
    const bytes = tinyGguf();
    await page.evaluate(() => document.body.append(Object.assign(document.createElement("input"), { type: "file" })));
    await page.setInputFiles("input", { name: "tiny.gguf", mimeType: "application/octet-stream", buffer: bytes });
    const { info, text } = await page.evaluate(async () => {
        const engine = await crema.createEngine(document.querySelector("input").files[0], { device: "reference" });
        const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0 });
        await engine.close();
        return { info: engine.info, text: reply.choices[0].message.content };
    });
    assert.equal(info.model.id, "tiny");
    assert.equal(info.model.format, "gguf");
    assert.match(text, /cold/i);
    assert.deepEqual(errors, []);
    assert.equal(site.log.filter(({ path }) => path.startsWith("/models")).length, 0);
});

const sha256 = async (file) => createHash("sha256").update(await readFile(path.join(ROOT, "models/crema-tiny", file))).digest("hex");

test("files are held against their SHA-256, in each shape that hash lists have, and one that is wrong is not used", async () => {
    await newVisitor();
    const right = await sha256("model.safetensors");
    const wrong = right.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    const first = await load({ hashes: { "model.safetensors": right } });
    assert.match(first.text, /cold/i);
    const again = await load({ hashes: [{ path: "model.safetensors", lfs: { oid: right } }, { path: "config.json" }] });
    assert.equal(again.storage.fromCache, true);
    const fails = (hashes, cache = true, source = TINY) => page.evaluate(({ source, hashes, cache }) => failure(crema.createEngine(source, { device: "reference", hashes, cache })),
        { source, hashes, cache });
    for (const cache of [true, false]) {
        const failed = await fails({ siblings: [{ rfilename: "model.safetensors", lfs: { sha256: wrong } }] }, cache);
        assert.equal(failed.code, "invalid_checkpoint");
        assert.match(failed.message, new RegExp(`${right}, not ${wrong}`));
    }
    assert.ok((await page.evaluate(() => crema.listCached())).every(({ bytes }) => bytes < 1_000_000), "what is wrong is not kept");
    assert.equal((await fails({ "model.safetensors": "12" })).code, "invalid_request");
    const picked = await page.evaluate(async ({ tiny, wrong }) => {
        const file = async (name) => new File([await (await fetch(tiny + name)).blob()], name);
        const files = await Promise.all(["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"].map(file));
        return failure(crema.createEngine(files, { device: "reference", hashes: { "model.safetensors": wrong } }));
    }, { tiny: TINY, wrong });
    assert.equal(picked.code, "invalid_checkpoint");
});

test("a download that breaks and is gone on with by the next visit is held against its SHA-256 as a whole", async () => {
    await newVisitor();
    await page.evaluate(async ({ url, half }) => {
        const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer()).slice(0, half);
        const etag = (await fetch(url, { method: "HEAD" })).headers.get("etag");
        const code = `onmessage = async ({ data: { url, bytes, size, etag } }) => {
            const { openStore } = await import("${location.origin}/crema/store.js");
            const { store } = await openStore("opfs");
            const writer = await store.writer({ url, source: url, size, etag, modified: null }, 0);
            writer.write(bytes);
            writer.close();
            postMessage("done");
        };`;
        const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), { type: "module" });
        await new Promise((resolve) => { worker.onmessage = resolve; worker.postMessage({ url, bytes, size: 5_775_832, etag }); });
        worker.terminate();
    }, { url: site.url + WEIGHTS, half: 4_000_000 });
    site.log.length = 0;
    const { text } = await load({ hashes: { "model.safetensors": await sha256("model.safetensors") } });
    assert.match(text, /cold/i);
    assert.deepEqual(requests(WEIGHTS).map(({ range }) => range), [`bytes=${4_000_000 - (1 << 20)}-`]);
});

test("the room that a model takes is told before it comes, and one that must be kept and does not fit is refused with numbers", async () => {
    await newVisitor();
    const told = await page.evaluate(async (tiny) => {
        const told = [];
        const engine = await crema.createEngine(tiny, { device: "reference", mustKeep: true, onSpace: (space) => told.push(space) });
        await engine.close();
        return told;
    }, TINY);
    const weights = told.find(({ file }) => file === "model.safetensors");
    assert.equal(weights.neededBytes, 5_775_832);
    assert.equal(weights.fits, true);
    assert.ok(weights.availableBytes > weights.neededBytes);
    await context.close();
    await newVisitor();
    const session = await context.newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: site.url, quotaSize: 2_000_000 });
    site.log.length = 0;
    const failed = await page.evaluate((tiny) => failure(crema.createEngine(tiny, { device: "reference", mustKeep: true })), TINY);
    assert.equal(failed?.code, "storage_failed", JSON.stringify(failed));
    assert.match(failed.message, /MB left of the 5\.8 MB needed for model\.safetensors|MB\) can't be kept/);
    assert.ok(failed.hint);
});

test("a store that was damaged is not used, and the model comes anew", async () => {
    await newVisitor();
    await load();
    await page.evaluate(async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("crema-models");
        let cut = 0;
        for await (const handle of folder.values()) {
            const { size } = await handle.getFile();
            const writable = await handle.createWritable({ keepExistingData: true });
            await writable.truncate(handle.name.endsWith(".bin") && size > 1_000_000 ? size - 1 : handle.name.endsWith(".json") && cut++ === 0 ? 5 : size);
            await writable.close();
        }
    });
    site.log.length = 0;
    const { storage, text } = await load();
    assert.match(text, /cold/i);
    assert.equal(storage.kind, "opfs");
    assert.equal(requests(WEIGHTS).length, 1);
});

test("a kept model is exported as files, which load, and are imported in its place", async () => {
    await newVisitor();
    await load();
    const { names, imported, text, fromFiles } = await page.evaluate(async (tiny) => {
        const ask = async (engine) => {
            const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0 });
            await engine.close();
            return reply.choices[0].message.content;
        };
        const files = await crema.exportCached(tiny);
        const copies = await Promise.all(files.map(async (file) => new File([await file.arrayBuffer()], file.name)));
        const fromFiles = await ask(await crema.createEngine(copies, { device: "reference" }));
        await crema.deleteCached(tiny);
        const imported = await crema.importCached("https://models.invalid/tiny/", copies);
        return { names: files.map(({ name }) => name).sort(), imported, fromFiles, text: await ask(await crema.createEngine("https://models.invalid/tiny/", { device: "reference" })),
            persisted: await crema.persistStorage() };
    }, TINY);
    assert.ok(names.includes("model.safetensors") && names.includes("config.json"), names.join());
    assert.ok(imported > 5_775_832);
    assert.match(fromFiles, /cold/i);
    assert.match(text, /cold/i);
});

test("hf:owner/repo is loaded from the endpoint, and a folder that the user opened from there", async () => {
    await newVisitor();
    site.fault = async (request, response, file) => {
        const inRepository = /^\/hub\/acme\/tiny\/resolve\/(main|v1)\/([^/]+)$/.exec(request.url);
        if (!inRepository) {
            return false;
        }
        const real = path.join(ROOT, "models/crema-tiny", inRepository[2]);
        const found = await stat(real).catch(() => null);
        found ? sendFile(request, response, real, found) : response.writeHead(404).end();
        return true;
    };
    const asked = [];
    const files = site.fault;
    let hash = await sha256("model.safetensors");
    site.fault = async (request, response, file) => {
        if (!request.url.startsWith("/hub/api/")) {
            return files(request, response, file);
        }
        asked.push(request.url);
        response.writeHead(200, { "content-type": "application/json" })
            .end(JSON.stringify([{ type: "directory", path: "onnx" }, { type: "file", path: "config.json" }, { type: "file", path: "model.safetensors", lfs: { oid: hash, size: 5_775_832 } }]));
        return true;
    };
    assert.match((await load({ endpoint: `${site.url}/hub`, cache: false, hashes: "auto" }, "hf:acme/tiny@v1")).text, /cold/i);
    assert.deepEqual(asked, ["/hub/api/models/acme/tiny/tree/v1"]);
    hash = hash.replaceAll("1", "2");
    const wrong = await page.evaluate((endpoint) => failure(crema.createEngine("hf:acme/tiny", { endpoint, cache: false, hashes: "auto", device: "reference" })), `${site.url}/hub`);
    assert.equal(wrong.code, "invalid_checkpoint");
    for (const source of ["hf:acme/tiny", "hf:acme/tiny@v1/model.safetensors"]) {
        const { text } = await load({ endpoint: `${site.url}/hub`, cache: false }, source);
        assert.match(text, /cold/i);
    }
    assert.equal((await page.evaluate(() => failure(crema.createEngine("hf:tiny")))).code, "invalid_request");
    const { text, one } = await page.evaluate(async (tiny) => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("picked", { create: true });
        for (const name of ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]) {
            const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
            await writable.write(await (await fetch(tiny + name)).blob());
            await writable.close();
        }
        const engine = await crema.createEngine(folder, { device: "reference" });
        const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0 });
        await engine.close();
        return { text: reply.choices[0].message.content, one: await failure(crema.createEngine(await folder.getFileHandle("config.json"), { device: "reference" })) };
    }, TINY);
    assert.match(text, /cold/i);
    assert.equal(one.code, "invalid_checkpoint");
});

// What is known of a model's files (checksums, the room that they take), what the store gives back, and models from hubs and folders.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { ROOT, sendFile } from "./static-server.mjs";
import { TINY, Visitor, WEIGHTS } from "./visitor.mjs";

const visit = new Visitor();

const sha256 = async (file) => createHash("sha256").update(await readFile(path.join(ROOT, "models/crema-tiny", file))).digest("hex");

test("files are held against their SHA-256, in each shape that hash lists have, and one that is wrong is not used", async () => {
    await visit.newVisitor();
    const right = await sha256("model.safetensors");
    const wrong = right.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    const first = await visit.load({ hashes: { "model.safetensors": right } });
    assert.match(first.text, /cold/i);
    const again = await visit.load({ hashes: [{ path: "model.safetensors", lfs: { oid: right } }, { path: "config.json" }] });
    assert.equal(again.storage.fromCache, true);
    const fails = (hashes, cache = true, source = TINY) => visit.page.evaluate(({ source, hashes, cache }) => failure(crema.createEngine(source, { device: "reference", hashes, cache })),
        { source, hashes, cache });
    for (const cache of [true, false]) {
        const failed = await fails({ siblings: [{ rfilename: "model.safetensors", lfs: { sha256: wrong } }] }, cache);
        assert.equal(failed.code, "invalid_checkpoint");
        assert.match(failed.message, new RegExp(`${right}, not ${wrong}`));
    }
    assert.ok((await visit.page.evaluate(() => crema.listCached())).every(({ bytes }) => bytes < 1_000_000), "what is wrong is not kept");
    assert.equal((await fails({ "model.safetensors": "12" })).code, "invalid_request");
    const picked = await visit.page.evaluate(async ({ tiny, wrong }) => {
        const file = async (name) => new File([await (await fetch(tiny + name)).blob()], name);
        const files = await Promise.all(["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"].map(file));
        return failure(crema.createEngine(files, { device: "reference", hashes: { "model.safetensors": wrong } }));
    }, { tiny: TINY, wrong });
    assert.equal(picked.code, "invalid_checkpoint");
});

test("a download that breaks and is gone on with by the next visit is held against its SHA-256 as a whole", async () => {
    await visit.newVisitor();
    await visit.page.evaluate(async ({ url, half }) => {
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
    }, { url: visit.site.url + WEIGHTS, half: 4_000_000 });
    visit.site.log.length = 0;
    const { text } = await visit.load({ hashes: { "model.safetensors": await sha256("model.safetensors") } });
    assert.match(text, /cold/i);
    assert.deepEqual(visit.requests(WEIGHTS).map(({ range }) => range), [`bytes=${4_000_000 - (1 << 20)}-`]);
});

test("the room that a model takes is told before it comes, and one that must be kept and does not fit is refused with numbers", async () => {
    await visit.newVisitor();
    const told = await visit.page.evaluate(async (tiny) => {
        const told = [];
        const engine = await crema.createEngine(tiny, { device: "reference", mustKeep: true, onSpace: (space) => told.push(space) });
        await engine.close();
        return told;
    }, TINY);
    const weights = told.find(({ file }) => file === "model.safetensors");
    assert.equal(weights.neededBytes, 5_775_832);
    assert.equal(weights.fits, true);
    assert.ok(weights.availableBytes > weights.neededBytes);
    await visit.context.close();
    await visit.newVisitor();
    const session = await visit.context.newCDPSession(visit.page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: visit.site.url, quotaSize: 2_000_000 });
    visit.site.log.length = 0;
    const failed = await visit.page.evaluate((tiny) => failure(crema.createEngine(tiny, { device: "reference", mustKeep: true })), TINY);
    assert.equal(failed?.code, "storage_failed", JSON.stringify(failed));
    assert.match(failed.message, /MB left of the 5\.8 MB needed for model\.safetensors|MB\) can't be kept/);
    assert.ok(failed.hint);
});

test("a store that was damaged is not used, and the model comes anew", async () => {
    await visit.newVisitor();
    await visit.load();
    await visit.page.evaluate(async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("crema-models");
        let cut = 0;
        for await (const handle of folder.values()) {
            const { size } = await handle.getFile();
            const writable = await handle.createWritable({ keepExistingData: true });
            await writable.truncate(handle.name.endsWith(".bin") && size > 1_000_000 ? size - 1 : handle.name.endsWith(".json") && cut++ === 0 ? 5 : size);
            await writable.close();
        }
    });
    visit.site.log.length = 0;
    const { storage, text } = await visit.load();
    assert.match(text, /cold/i);
    assert.equal(storage.kind, "opfs");
    assert.equal(visit.requests(WEIGHTS).length, 1);
});

test("a kept model is exported as files, which load, and are imported in its place", async () => {
    await visit.newVisitor();
    await visit.load();
    const { names, imported, text, fromFiles } = await visit.page.evaluate(async (tiny) => {
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
    await visit.newVisitor();
    visit.site.fault = async (request, response, file) => {
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
    const files = visit.site.fault;
    let hash = await sha256("model.safetensors");
    visit.site.fault = async (request, response, file) => {
        if (!request.url.startsWith("/hub/api/")) {
            return files(request, response, file);
        }
        asked.push(request.url);
        response.writeHead(200, { "content-type": "application/json" })
            .end(JSON.stringify([{ type: "directory", path: "onnx" }, { type: "file", path: "config.json" }, { type: "file", path: "model.safetensors", lfs: { oid: hash, size: 5_775_832 } }]));
        return true;
    };
    assert.match((await visit.load({ endpoint: `${visit.site.url}/hub`, cache: false, hashes: "auto" }, "hf:acme/tiny@v1")).text, /cold/i);
    assert.deepEqual(asked, ["/hub/api/models/acme/tiny/tree/v1"]);
    hash = hash.replaceAll("1", "2");
    const wrong = await visit.page.evaluate((endpoint) => failure(crema.createEngine("hf:acme/tiny", { endpoint, cache: false, hashes: "auto", device: "reference" })), `${visit.site.url}/hub`);
    assert.equal(wrong.code, "invalid_checkpoint");
    for (const source of ["hf:acme/tiny", "hf:acme/tiny@v1/model.safetensors"]) {
        const { text } = await visit.load({ endpoint: `${visit.site.url}/hub`, cache: false }, source);
        assert.match(text, /cold/i);
    }
    assert.equal((await visit.page.evaluate(() => failure(crema.createEngine("hf:tiny")))).code, "invalid_request");
    const { text, one } = await visit.page.evaluate(async (tiny) => {
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

// The engine in a browser extension: it runs in the extension's service worker, and its pages talk to it through chrome.runtime's ports.

import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { EXECUTABLE } from "./browser.mjs";
import { ROOT, serve } from "./static-server.mjs";

const MANIFEST = {
    manifest_version: 3, name: "Crema, tested", version: "1", background: { service_worker: "background.js", type: "module" },
    host_permissions: ["http://localhost/*"], content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
};

const BACKGROUND = `import { serveEngine } from "./crema/serve.js";
chrome.runtime.onConnect.addListener((port) => port.name === "crema" && serveEngine(port));
`;

const PAGE = `<!doctype html><meta charset="utf-8"><title>Crema</title><script type="module" src="page.js"></script>`;

const SCRIPT = `import * as crema from "./crema/crema.js";
window.ask = async (source) => {
    const engine = await crema.createEngine(source, { worker: chrome.runtime.connect({ name: "crema" }), device: "wasm" });
    let text = "";
    for await (const chunk of engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, stream: true })) {
        text += chunk.choices[0]?.delta.content ?? "";
    }
    const failed = await engine.chat.completions.create({ messages: [{ role: "cook", content: "Hi" }] }).catch(({ code, param }) => ({ code, param }));
    const files = await crema.createEngine(new File(["x"], "x.gguf"), { worker: chrome.runtime.connect({ name: "crema" }) }).catch(({ code, hint }) => ({ code, hint }));
    const session = engine.session({ temperature: 0, max_tokens: 8 });
    await session.prompt("Hi");
    const restored = await engine.restoreSession(await session.save());
    const { place } = await engine.report();
    await engine.close();
    return { text, failed, files, place, restored: restored.messages.length };
};
window.ready = true;
`;

test("an extension's page streams from the engine in its service worker", async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "crema-extension-"));
    const site = await serve();
    const context = await (async () => {
        await cp(path.join(ROOT, "runtime-web/target/web"), path.join(folder, "crema"), { recursive: true });
        for (const [name, text] of [["manifest.json", JSON.stringify(MANIFEST)], ["background.js", BACKGROUND], ["page.html", PAGE], ["page.js", SCRIPT]]) {
            await writeFile(path.join(folder, name), text);
        }
        return chromium.launchPersistentContext("", {
            executablePath: EXECUTABLE, headless: true, args: ["--headless=new", "--no-sandbox", `--disable-extensions-except=${folder}`, `--load-extension=${folder}`,
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"],
        });
    })();
    try {
        const [background] = context.serviceWorkers().length > 0 ? context.serviceWorkers() : [await context.waitForEvent("serviceworker", { timeout: 20_000 })];
        const page = await context.newPage();
        await page.goto(new URL("page.html", background.url()).href);
        await page.waitForFunction(() => window.ready);
        const { text, failed, files, place, restored } = await page.evaluate((source) => ask(source), `${site.url}/models/crema-tiny/`);
        assert.match(text, /cold/i);
        assert.equal(failed.code, "invalid_request");
        assert.match(failed.param, /messages/);
        assert.equal(files.code, "invalid_request");
        assert.match(files.hint, /URL/);
        assert.equal(place, "ServiceWorkerGlobalScope");
        assert.equal(restored, 2);
    } finally {
        await context.close();
        await site.close();
        await rm(folder, { recursive: true, force: true });
    }
});

// The page that './crema serve' has at /, in Chromium: with an API key, a chat, a stop, a new chat, and its strict policy.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { startServer, stopServer } from "../perf/load-server.mjs";

const folder = mkdtempSync(join(tmpdir(), "crema-page-"));
let server;
let browser;

before(async () => {
    writeFileSync(join(folder, "keys"), "secret\n");
    server = await startServer(["--api-key-file", join(folder, "keys")]);
    browser = await launch({ adapter: null });
}, { timeout: 300_000 });

after(async () => {
    await browser?.close();
    await (server && stopServer(server));
    rmSync(folder, { recursive: true });
});

test("the page asks for a key, chats, stops and begins anew", { timeout: 120_000 }, async () => {
    const page = await browser.newPage({ viewport: { width: 900, height: 700 } });
    const errors = watchErrors(page);
    const response = await page.goto(`${server.address}/`);
    assert.match(response.headers()["content-security-policy"], /default-src 'none'/);

    await page.locator("article .error").waitFor();
    assert.match(await page.locator("article .error").textContent(), /API key/);
    assert.ok(await page.locator("#key").isVisible(), "the settings open where the key is missing");
    await page.fill("#key", "secret");
    await page.press("#key", "Tab");
    await page.locator("#model option").waitFor({ state: "attached" });
    assert.deepEqual(await page.locator("#model option").allTextContents(), ["crema-tiny"]);
    await page.locator("summary", { hasText: "Settings" }).click();

    await page.fill("#text", "Hello!");
    await page.press("#text", "Enter");
    await page.locator("article.assistant .figures").waitFor();
    assert.equal(await page.locator("article.assistant p:not(.error)").last().textContent(), "Hello! How can I help you?");
    assert.match(await page.locator("article.assistant .figures").textContent(), /tokens\/s/);
    if (process.env.CREMA_SCREENSHOTS) {
        await page.screenshot({ path: join(process.env.CREMA_SCREENSHOTS, "serve-page.png") });
    }

    await page.fill("#text", "My name is Anna.");
    await page.press("#text", "Enter");
    await page.locator("article.assistant .figures").nth(1).waitFor();
    await page.fill("#text", "What is my name?");
    await page.press("#text", "Enter");
    await page.locator("article.assistant .figures").nth(2).waitFor();
    assert.match(await page.locator("article.assistant p").last().textContent(), /Anna/, "what was said before is part of the request");

    await page.click("#new");
    assert.equal(await page.locator("article").count(), 0);
    await page.reload();
    await page.locator("#model option").waitFor({ state: "attached" });
    assert.equal(await page.inputValue("#key"), "secret", "the key is kept as long as the tab");
    assert.deepEqual(errors.filter((text) => !/status of 401/.test(text)), []);
    await page.close();
});

test("what runs is stopped by the button, and an error is told", { timeout: 120_000 }, async () => {
    const page = await browser.newPage();
    await page.goto(`${server.address}/`);
    await page.locator("article .error").waitFor();
    await page.fill("#key", "secret");
    await page.press("#key", "Tab");
    await page.locator("#model option").waitFor({ state: "attached" });
    // The embedded model answers within a moment: the answer is held back until the page has been told to stop.
    let stopped;
    const isStopped = new Promise((resolve) => (stopped = resolve));
    await page.route("**/v1/chat/completions", async (route) => {
        await isStopped;
        await route.abort().catch(() => { });
    }, { times: 1 });
    await page.fill("#text", "Hello!");
    await page.press("#text", "Enter");
    await page.locator("#send", { hasText: "Stop" }).click();
    stopped();
    await page.locator("#send", { hasText: "Send" }).waitFor();

    await page.fill("#max-tokens", "100000000");
    await page.fill("#temperature", "7");
    await page.fill("#text", "Hello!");
    await page.press("#text", "Enter");
    await page.locator("article .error", { hasText: "temperature" }).waitFor();
    assert.equal(await page.inputValue("#text"), "Hello!", "the message is there to be sent again");
    await page.close();
});

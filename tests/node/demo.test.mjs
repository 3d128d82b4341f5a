// The demo page as a person would use it. Screenshots for people to look at go to target/screenshots.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { ROOT, serve } from "./static-server.mjs";

const SHOTS = path.join(ROOT, "tests/node/target/screenshots");

let site;
let browser;

before(async () => {
    mkdirSync(SHOTS, { recursive: true });
    // CREMA_DEMO_URL: a running `./crema demo` to test instead.
    site = process.env.CREMA_DEMO_URL ? { url: process.env.CREMA_DEMO_URL, close() { } } : await serve();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await site?.close();
});

/** A visitor with a page of this size, and the errors that reach the console. */
async function visit(options) {
    const context = await browser.newContext(options);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    const errors = watchErrors(page);
    await page.goto(site.url);
    return { context, page, errors };
}

const ready = (page) => page.locator("#model-dot.ready").waitFor();
const answers = (page) => page.locator(".message.assistant .body");
const answered = (page) => page.locator("#stop").waitFor({ state: "hidden" });

async function ask(page, text) {
    await page.getByLabel("Your message").fill(text);
    await page.keyboard.press("Enter");
}

/** Asks, and waits for the end of the answer; returns it. */
async function askAndWait(page, text) {
    const count = await answers(page).count();
    await ask(page, text);
    await answers(page).nth(count).waitFor();
    await answered(page);
    return answers(page).last().textContent();
}

test("a visitor chats, stops, retries, edits, and comes back without network", async () => {
    const { context, page, errors } = await visit({ viewport: { width: 1280, height: 820 }, colorScheme: "light" });
    await page.locator(".loading-line").waitFor({ timeout: 5000 }).catch(() => { /* it may have loaded already */ });
    await ready(page);
    await page.getByText("What can I do for you?").waitFor();
    await page.screenshot({ path: path.join(SHOTS, "desktop-light-welcome.png") });

    assert.match(await askAndWait(page, "What is the opposite of hot?"), /cold/i);
    assert.match(await page.locator("#figures").textContent(), /tokens\/s/);
    assert.match(await page.locator("#context-text").textContent(), /of 1,024 tokens/);

    // The reply grows while it is written, and can be stopped.
    await ask(page, "Tell me a story about a brave fox.");
    await page.waitForFunction(() => document.querySelectorAll(".message.assistant .body")[1]?.textContent.length > 10);
    await page.keyboard.press("Escape");
    await answered(page);
    await page.getByText("stopped").waitFor();
    const stopped = await answers(page).last().textContent();
    assert.ok(stopped.length > 10);

    await page.getByRole("button", { name: "Answer again" }).last().click();
    await answered(page);
    const retried = await answers(page).last().textContent();
    assert.ok(retried.length > stopped.length, `"${retried}" is longer than "${stopped}"`);
    assert.equal(await answers(page).count(), 2);

    await page.locator(".message.user").first().hover();
    await page.getByRole("button", { name: "Edit the message" }).first().click();
    await page.getByLabel("Edit your message").fill("What is the capital of France?");
    await page.keyboard.press("Enter");
    await answers(page).first().waitFor();
    await answered(page);
    assert.equal(await answers(page).count(), 1);
    assert.match(await answers(page).first().textContent(), /Paris/);

    await page.getByRole("button", { name: "Copy the answer" }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /Paris/);
    await page.screenshot({ path: path.join(SHOTS, "desktop-light-chat.png") });

    // Kept chats: a new one, a new name, and the old one still there.
    await page.getByRole("button", { name: "New chat" }).click();
    assert.match(await askAndWait(page, "Spell the word rabbit."), /R-A-B-B-I-T/);
    await page.getByRole("button", { name: "What is the capital of France?", exact: true }).hover();
    await page.getByRole("button", { name: /^Rename What is the capital/ }).click();
    await page.getByLabel("Name of the chat").fill("Capitals");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Capitals", exact: true }).click();
    assert.match(await answers(page).first().textContent(), /Paris/);

    await page.evaluate(async () => (await navigator.serviceWorker.ready).active.state);
    await page.getByRole("button", { name: /^Model/ }).click();
    await page.getByText("Yes, it works without network").waitFor();
    await page.screenshot({ path: path.join(SHOTS, "desktop-light-model.png") });
    await page.keyboard.press("Escape");

    await context.setOffline(true);
    await page.reload();
    await ready(page);
    await page.getByRole("button", { name: "Capitals", exact: true }).click();
    assert.match(await answers(page).first().textContent(), /Paris/);
    assert.match(await askAndWait(page, "What is the opposite of hot?"), /cold/i);

    page.on("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Delete Capitals" }).click();
    assert.equal(await page.locator(".chat-item").count(), 1);
    assert.deepEqual(errors, []);
    await context.close();
});

test("on a phone, in the dark, with the keyboard of a screen", async () => {
    const { context, page, errors } = await visit({ viewport: { width: 390, height: 780 }, colorScheme: "dark", hasTouch: true, isMobile: true });
    await ready(page);
    await page.screenshot({ path: path.join(SHOTS, "phone-dark-welcome.png") });
    await page.getByRole("button", { name: "What is the capital of France?" }).tap();
    await answers(page).first().waitFor();
    await answered(page);
    assert.match(await answers(page).first().textContent(), /Paris/);
    await page.screenshot({ path: path.join(SHOTS, "phone-dark-chat.png") });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} px wider than the phone`);
    await page.getByRole("button", { name: "Open the list of chats" }).tap();
    await page.locator(".chat-item").first().waitFor();
    await page.screenshot({ path: path.join(SHOTS, "phone-dark-chats.png") });
    await page.getByRole("button", { name: "Settings" }).tap();
    await page.getByLabel("System prompt").fill("Always answer in capitals.");
    await page.screenshot({ path: path.join(SHOTS, "phone-dark-settings.png") });
    await page.getByRole("button", { name: "Save" }).tap();
    await page.locator("#settings-dialog").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "New chat" }).tap();
    assert.match(await askAndWait(page, "What is the opposite of hot?"), /^[^a-z]+$/);
    assert.deepEqual(errors, []);
    await context.close();
});

test("an answer survives the page being left, and a chat that is deleted while it is answered stays deleted", async () => {
    const { context, page, errors } = await visit({ viewport: { width: 1100, height: 760 } });
    page.on("dialog", (dialog) => dialog.accept());
    await ready(page);
    const begun = () => page.waitForFunction(() => document.querySelector(".message.assistant .body")?.textContent.length > 10);
    await ask(page, "Tell me a story about a brave fox.");
    await begun();
    await page.reload();
    await ready(page);
    await page.locator(".chat-open").click();
    assert.ok((await answers(page).first().textContent()).length > 10);

    await page.getByRole("button", { name: "Answer again" }).click();
    await begun();
    await page.getByRole("button", { name: /^Delete Tell me a story/ }).click();
    await answered(page);
    assert.equal(await page.locator(".chat-item").count(), 0);
    await page.reload();
    await ready(page);
    assert.equal(await page.locator(".chat-item").count(), 0);
    assert.deepEqual(errors, []);
    await context.close();
});

test("a model that can't be loaded is told, with a way out", async () => {
    const { context, page } = await visit({ viewport: { width: 1280, height: 820 }, colorScheme: "dark" });
    await ready(page);
    await page.getByRole("button", { name: /^Model/ }).click();
    await page.getByLabel("URL of a GGUF file").fill(`${site.url}/models/none.gguf`);
    await page.getByRole("button", { name: "Load", exact: true }).first().click();
    await page.locator("#welcome").getByText("answered 404").waitFor();
    await page.locator("#welcome").getByText("Check the address").waitFor();
    await page.screenshot({ path: path.join(SHOTS, "desktop-dark-failed.png") });
    await page.getByRole("button", { name: "Load the built-in model" }).click();
    await ready(page);
    assert.match(await askAndWait(page, "What is the capital of France?"), /Paris/);
    await page.screenshot({ path: path.join(SHOTS, "desktop-dark-chat.png") });
    await context.close();
});

test("a chosen GGUF file becomes the model", async () => {
    const { tinyGguf } = await import("./gguf.mjs");
    const { context, page, errors } = await visit({ viewport: { width: 1100, height: 760 } });
    await ready(page);
    await page.getByRole("button", { name: /^Model/ }).click();
    await page.locator("input[type=file]").setInputFiles({ name: "my-model.gguf", mimeType: "application/octet-stream", buffer: tinyGguf() });
    await page.getByText("my-model").first().waitFor();
    await ready(page);
    assert.match(await askAndWait(page, "What is the opposite of hot?"), /cold/i);
    assert.deepEqual(errors, []);
    await context.close();
});

test("what the page keeps for visits without network has every module that the engine imports", () => {
    const folder = path.join(ROOT, "runtime-web/target/web");
    const reached = new Set(["crema.js", "worker.js", "kernel-worker.js"]);
    for (const name of reached) {
        const text = readFileSync(path.join(folder, name), "utf8");
        for (const [, found] of text.matchAll(/(?:^import |^export |[ ;}]from ?|import\()"\.\/([\w.-]+\.m?js)"/gm)) {
            reached.add(found);
        }
    }
    const kept = readFileSync(path.join(ROOT, "demo-site/src/main/site/sw.js"), "utf8");
    assert.ok(reached.size > 30, `${reached.size} modules`);
    assert.deepEqual([...reached].filter((name) => !kept.includes(`"${name}"`)), []);
});

// Code as it is written for the browser's Prompt API, over crema/language-model.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

let site;
let browser;
let page;
let errors;

before(async () => {
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages") });
    browser = await launch();
    page = await (await browser.newContext()).newPage();
    errors = watchErrors(page);
    await page.goto(`${site.url}/pages/language-model.html`);
    await page.waitForFunction(() => window.ready);
});

after(async () => {
    await browser?.close();
    await site?.close();
});

test("availability, and a download with a monitor", async () => {
    const told = await page.evaluate(async () => {
        const states = [await LanguageModel.availability(), await LanguageModel.availability({ expectedInputs: [{ type: "image" }] })];
        const loaded = [];
        const creating = LanguageModel.create({ monitor: (m) => m.addEventListener("downloadprogress", (event) => loaded.push(event.loaded)) });
        states.push(await LanguageModel.availability());
        const session = await creating;
        states.push(await LanguageModel.availability({ expectedInputs: [{ type: "text", languages: ["en"] }] }));
        session.destroy();
        return { states, loaded, params: await LanguageModel.params() };
    });
    assert.deepEqual(told.states, ["downloadable", "unavailable", "downloading", "available"]);
    assert.equal(told.loaded[0], 0);
    assert.equal(told.loaded.at(-1), 1);
    assert.ok(told.loaded.every((value, i) => i === 0 || value > told.loaded[i - 1]));
    assert.ok(told.params.maxTemperature >= told.params.defaultTemperature);
});

test("a session remembers, streams, counts and is cloned", async () => {
    const told = await page.evaluate(async () => {
        const session = await LanguageModel.create({ temperature: 0, topK: 1, initialPrompts: [{ role: "system", content: "You are helpful." }] });
        const usages = [session.inputUsage];
        const whole = await session.prompt("What is the opposite of hot?");
        usages.push(session.contextUsage);
        const copy = await session.clone();
        let streamed = "";
        for await (const piece of session.promptStreaming("What is the opposite of big?")) {
            streamed += piece;
        }
        usages.push(session.inputUsage);
        await session.append([{ role: "user", content: "Remember this." }, { role: "assistant", content: "I do." }]);
        usages.push(session.inputUsage);
        const measured = await session.measureInputUsage("One more question, with some words in it?");
        const result = { whole, streamed, usages, measured, quota: session.inputQuota, copy: copy.inputUsage, settings: [session.temperature, session.topK] };
        session.destroy();
        result.cloned = await copy.prompt([{ role: "user", content: [{ type: "text", value: "What is the opposite of big?" }] }]);
        copy.destroy();
        return result;
    });
    assert.match(told.whole, /cold/i);
    assert.match(told.streamed, /small|little/i);
    assert.equal(told.cloned, told.streamed);
    told.usages.reduce((before, usage) => (assert.ok(usage > before, told.usages.join()), usage), 0);
    assert.equal(told.copy, told.usages[1]);
    assert.ok(told.measured > 5 && told.measured < 60, String(told.measured));
    assert.equal(told.quota, 256);
    assert.deepEqual(told.settings, [0, 1]);
});

test("constraints: a schema, a regular expression; a prefix is gone on with", async () => {
    const told = await page.evaluate(async () => {
        const session = await LanguageModel.create({ temperature: 0, topK: 1 });
        const schema = { type: "object", properties: { yes: { type: "boolean" } }, required: ["yes"], additionalProperties: false };
        const json = await (await session.clone()).prompt("Is ice cold?", { responseConstraint: schema });
        const word = await (await session.clone()).prompt("Hot or cold?", { responseConstraint: /hot|cold/ });
        const rest = await session.prompt([{ role: "user", content: "What is the opposite of hot?" }, { role: "assistant", content: "The opposite of hot is", prefix: true }]);
        session.destroy();
        return { json, word, rest };
    });
    assert.equal(typeof JSON.parse(told.json).yes, "boolean");
    assert.match(told.word, /^(hot|cold)$/);
    assert.match(told.rest, /^ ?cold/i);
});

test("a context that is full forgets the oldest turns, never the initial prompts", async () => {
    const told = await page.evaluate(async () => {
        const session = await LanguageModel.create({ temperature: 0, topK: 1, initialPrompts: [{ role: "system", content: "You are helpful." }] });
        let overflows = 0;
        session.oncontextoverflow = () => overflows++;
        for (let i = 0; i < 6; i++) {
            await session.append([{ role: "user", content: `This is message ${i}, which is quite long so that it fills the context with many words.` }, { role: "assistant", content: "I have read it, thank you very much." }]);
        }
        const reply = await session.prompt("What is the opposite of hot?", { responseConstraint: /The opposite of hot is [a-z]+\./ });
        const used = session.contextUsage;
        const tooLong = await failure(session.prompt("word ".repeat(2000)));
        session.destroy();
        return { overflows, reply, used, tooLong };
    });
    assert.ok(told.overflows > 0);
    assert.match(told.reply, /^The opposite of hot is /);
    assert.ok(told.used <= 256);
    assert.equal(told.tooLong.name, "QuotaExceededError");
    assert.equal(told.tooLong.quota, 256);
});

test("aborting, leaving and destroying", async () => {
    const told = await page.evaluate(async () => {
        const story = "Tell me a story about a cat.";
        const session = await LanguageModel.create();
        const stop = new AbortController();
        const aborted = failure(session.prompt(story, { signal: stop.signal }));
        stop.abort();
        const reader = session.promptStreaming(story).getReader();
        await reader.read();
        await reader.cancel();
        const after = await session.prompt("What is the opposite of hot?", { responseConstraint: /cold/ });
        const running = failure(session.prompt(story, { responseConstraint: /[a-z ]{3000}/ }));
        await new Promise((resolve) => setTimeout(resolve, 50));
        session.destroy();
        const early = new AbortController();
        early.abort(new Error("no more"));
        return {
            aborted: await aborted, after, destroyed: await running, later: await failure(session.prompt("Hi")),
            create: await failure(LanguageModel.create({ signal: early.signal })),
        };
    });
    assert.equal(told.aborted.name, "AbortError");
    assert.equal(told.after, "cold");
    assert.equal(told.destroyed.name, "AbortError");
    assert.equal(told.later.name, "InvalidStateError");
    assert.equal(told.create.message, "no more");
});

test("what is wrong is refused as browsers do", async () => {
    const names = await page.evaluate(async () => {
        const session = await LanguageModel.create();
        const made = [
            failure(session.prompt([{ role: "user", content: [{ type: "image", value: null }] }])), failure(session.prompt([{ role: "system", content: "x" }])),
            failure(session.prompt([{ role: "assistant", content: "x", prefix: true }, { role: "user", content: "y" }])), failure(session.prompt(7)),
            failure(LanguageModel.create({ expectedInputs: [{ type: "audio" }] })), failure(LanguageModel.create({ temperature: -1 })),
            failure(LanguageModel.create({ tools: [{ name: "x" }] })),
        ];
        const names = (await Promise.all(made)).map(({ name }) => name);
        session.destroy();
        await LanguageModel.close();
        return names;
    });
    assert.deepEqual(names, ["NotSupportedError", "TypeError", "SyntaxError", "TypeError", "NotSupportedError", "RangeError", "TypeError"]);
    assert.deepEqual(errors, []);
});

test("tools are called, and their results go back", async () => {
    const told = await page.evaluate(async () => {
        const chunk = (delta, more = {}) => ({ choices: [{ index: 0, delta }], ...more });
        const requests = [];
        const engine = {
            info: { model: { contextLength: 100 } },
            fetch: async () => new Response(JSON.stringify({ prompt: "", tokens: [] })),
            chat: { completions: { create: async (request) => {
                requests.push(structuredClone(request.messages));
                const done = request.messages.at(-1).role === "tool";
                return done ? [chunk({ content: "It is 7." }, { usage: { total_tokens: 9 } })] : [
                    chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "add", arguments: "{\"x\":3," } }] }),
                    chunk({ tool_calls: [{ index: 0, function: { arguments: "\"y\":4}" } }] }),
                ];
            } } },
        };
        const session = await languageModel(engine).create({ tools: [{ name: "add", description: "", inputSchema: {}, execute: ({ x, y }) => x + y }] });
        return { reply: await session.prompt("3 + 4?"), requests };
    });
    assert.equal(told.reply, "It is 7.");
    assert.deepEqual(told.requests[1].slice(-1), [{ role: "tool", tool_call_id: "a", content: "7" }]);
});

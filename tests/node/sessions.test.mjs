// Tokens, conversations, logit processors, reports and logs of an engine in the page.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const TINY = "/models/crema-tiny/";
const OPTIONS = { device: "wasm", threads: 1 };

let site;
let browser;
let page;
let errors;

before(async () => {
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai") });
    browser = await launch();
    page = await (await browser.newContext()).newPage();
    errors = watchErrors(page);
    await page.goto(`${site.url}/pages/engine.html`);
    await page.waitForFunction(() => window.ready);
});

after(async () => {
    await browser?.close();
    await site?.close();
});

/** In the page, with an engine that all tests share. */
const evaluate = (action) => page.evaluate(`(${action})({ tiny: ${JSON.stringify(TINY)}, open: () => shared(${JSON.stringify(TINY)}, ${JSON.stringify(OPTIONS)}) })`);

test("tokenize, detokenize and countTokens agree with each other and with usage", async () => {
    const result = await evaluate(async ({ open }) => {
        const engine = await open();
        const text = "The fox went to the market.";
        const messages = [{ role: "user", content: "What is the opposite of hot?" }];
        const ids = await engine.tokenize(text);
        const reply = await engine.chat.completions.create({ messages, temperature: 0, max_tokens: 2 });
        return { ids, back: await engine.detokenize(ids), count: await engine.countTokens(text), prompt: await engine.countTokens(messages), usage: reply.usage,
            one: await engine.countTokens(messages[0]), bad: await failure(engine.detokenize([1e6])), unknown: await failure(engine.tokenize("x", { model: "other" })) };
    });
    assert.ok(result.ids.length > 3 && result.ids.every(Number.isInteger));
    assert.match(result.back.trim(), /^The fox went to the market\.$/);
    assert.equal(result.count, result.ids.length);
    assert.equal(result.prompt, result.usage.prompt_tokens);
    assert.equal(result.one, result.prompt);
    assert.equal(result.bad.code, "invalid_request");
    assert.equal(result.unknown.code, "model_not_found");
});

test("a session remembers, reuses its tokens, is cloned, and reports its context", async () => {
    const result = await evaluate(async ({ open }) => {
        const engine = await open();
        const session = engine.session({ messages: [{ role: "system", content: "You are a friendly animal." }], temperature: 0, max_tokens: 20 });
        const before = await session.contextUsage();
        const first = await session.prompt("What is the opposite of hot?");
        const chunks = [];
        for await (const chunk of session.stream("Tell me a story.")) {
            chunks.push(chunk.choices[0]?.delta.content ?? "");
        }
        const clone = session.clone();
        const [a, b] = await Promise.all([session.prompt("What is 3 plus 4?"), clone.prompt("What is the capital of France?")]);
        const fresh = await engine.chat.completions.create({ messages: session.messages.slice(0, -1), temperature: 0, max_tokens: 20, cache_prompt: false });
        for await (const chunk of session.stream("Tell me a story about a fox.", { max_tokens: 200 })) {
            if (chunk.choices[0]?.delta.content) {
                break;
            }
        }
        const left = session.messages.at(-1);
        const count = session.messages.length;
        const failed = await failure(session.prompt({ role: "cook", content: "Hi" }));
        const busy = session.prompt("Hi");
        const second = await failure(session.prompt("Hi"));
        await busy;
        return { before, usage: await session.contextUsage(), first, streamed: chunks.join(""), roles: session.messages.map(({ role }) => role), a, b, fresh, left, count,
            failed, second, cloned: clone.messages.length, third: session.messages[4] };
    });
    assert.ok(result.before.used > 0 && result.before.used < result.usage.used, JSON.stringify(result.usage));
    assert.equal(result.usage.limit, 1024);
    assert.match(result.first.choices[0].message.content, /cold/i);
    assert.equal(result.third.content, result.streamed);
    assert.ok(result.a.usage.prompt_tokens_details.cached_tokens > 30, "what was said is in the KV cache");
    assert.notEqual(result.a.choices[0].message.content, "");
    assert.equal(result.a.choices[0].message.content, result.fresh.choices[0].message.content);
    assert.equal(result.cloned, 7);
    assert.equal(result.left.role, "assistant");
    assert.ok(result.left.content.length > 0);
    assert.equal(result.count, 9);
    assert.equal(result.failed.code, "invalid_request");
    assert.match(result.second.message, /still replying/);
    assert.deepEqual(result.roles, ["system", ..."user assistant ".repeat(5).trim().split(" ")]);
});

for (const device of ["wasm", "webgpu", "reference"]) {
    test(`a session that was saved on ${device} goes on in another engine without computing it again`, async () => {
        const result = await page.evaluate(async ({ tiny, device }) => {
            const open = (options) => crema.createEngine(tiny, { device, threads: 1, selfTest: "off", tune: "off", ...options });
            const first = await open();
            const session = first.session({ messages: [{ role: "system", content: "You are a friendly animal." }], temperature: 0, max_tokens: 16 });
            await session.prompt("What is the opposite of hot?");
            await session.prompt("Tell me a story about a fox.");
            const saved = await session.save();
            const plain = await session.save({ cache: false });
            const expected = await session.prompt("What is 3 plus 4?");
            await first.close();
            const second = await open();
            const restored = await second.restoreSession(saved);
            const found = await restored.prompt("What is 3 plus 4?");
            const unsaved = await second.restoreSession(plain);
            const damaged = await failure(second.restoreSession(saved.slice(0, 30)));
            const cut = await second.restoreSession(saved.slice(0, saved.size - 100));
            await second.close();
            const other = await open({ kvType: "f16" });
            const elsewhere = await other.restoreSession(saved);
            await other.close();
            return { size: saved.size, plain: plain.size, expected, found, restored: restored.restored, unsaved: unsaved.restored, damaged, cut: cut.restored,
                messages: restored.messages.length, elsewhere: { ...elsewhere.restored, messages: elsewhere.messages.length } };
        }, { tiny: TINY, device });
        assert.ok(result.size > result.plain + 10_000);
        assert.ok(result.restored.tokens > 40, JSON.stringify(result.restored));
        assert.equal(result.found.choices[0].message.content, result.expected.choices[0].message.content);
        assert.ok(result.found.usage.prompt_tokens_details.cached_tokens >= result.restored.tokens - 16);
        assert.equal(result.messages, 7);
        assert.equal(result.unsaved.tokens, 0);
        assert.equal(result.damaged.code, "invalid_request");
        assert.match(result.cut.note, /computed at the next turn/);
        assert.equal(result.elsewhere.messages, 5);
        assert.equal(result.elsewhere.tokens, 0);
        assert.match(result.elsewhere.note, /another kind of KV cache/);
    });
}

test("logit processors: built in, a module, a function in the page, and what is wrong with others", async () => {
    const result = await evaluate(async ({ tiny, open }) => {
        const engine = await open();
        const ask = async (target, logitProcessor) => (await target.completions.create({ prompt: "Once upon a time", temperature: 0, max_tokens: 60 }, { logitProcessor })).choices[0].text;
        const plain = await ask(engine, null);
        const module = URL.createObjectURL(new Blob(["export default (tokens, logits) => { logits.fill(-100); logits[50] = 1; };"], { type: "text/javascript" }));
        await engine.addLogitProcessor("fifty", module);
        const own = await crema.createEngine(tiny, { device: "wasm", threads: 1, worker: false });
        let length = 0;
        await own.addLogitProcessor("longest", (tokens, logits) => { length = tokens.length; logits[60] = 1e9; });
        await own.addLogitProcessor("broken", () => { throw new Error("mine"); });
        const inPage = await ask(own, "longest");
        const broken = await failure(ask(own, "broken"));
        const after = await ask(own, null);
        await own.close();
        return { plain, ngram: await ask(engine, "no_repeat_ngram:2"), fifty: await engine.tokenize(await ask(engine, "fifty")), inPage, sixty: await engine.detokenize([60]), length, broken, after,
            bigrams: await engine.tokenize(await ask(engine, "no_repeat_ngram:2")),
            unknown: await failure(ask(engine, "nothing")), size: await failure(ask(engine, "no_repeat_ngram:x")), func: await failure(engine.addLogitProcessor("f", () => { })),
            missing: await failure(engine.addLogitProcessor("m", "/pages/none.js")) };
    });
    assert.equal(result.after, result.plain);
    assert.notEqual(result.ngram, result.plain);
    assert.ok(result.fifty.length > 0);
    assert.equal(result.inPage, result.sixty.repeat(60));
    assert.ok(result.length > 60);
    assert.equal(result.broken.code, "internal");
    assert.match(result.broken.message, /mine/);
    for (const name of ["unknown", "size", "func", "missing"]) {
        assert.equal(result[name].code, "invalid_request", name);
        assert.ok(result[name].hint, name);
    }
});

test("the report says what the browser has, and the log what happened, by level", async () => {
    const { report, heard } = await evaluate(async ({ tiny }) => {
        const heard = [];
        const engine = await crema.createEngine(tiny, { device: "wasm", threads: 1, logLevel: "info", onLog: (entry) => heard.push(entry) });
        await engine.stored;
        await engine.models.list();
        await engine.completions.create({ prompt: "x", max_tokens: 1 });
        engine.logLevel = "debug";
        await engine.completions.create({ prompt: "x", max_tokens: 1 });
        const report = await engine.report();
        await engine.close();
        return { report, heard };
    });
    assert.equal(report.models[0].device.kind, "wasm");
    assert.equal(report.wasm.simd, true);
    assert.equal(report.place, "DedicatedWorkerGlobalScope");
    assert.deepEqual(report.storage.kinds, ["opfs", "cache", "indexeddb"]);
    assert.ok(report.storage.quotaBytes > 0);
    assert.ok(report.webgpu === null || report.webgpu.limits.maxBufferSize > 0);
    assert.deepEqual(heard.map(({ level }) => level), ["info", "info", "debug"]);
    assert.match(heard[0].message, /crema-tiny runs on wasm .* after \d+ ms/);
});

test("no error reached the console", () => {
    assert.deepEqual(errors, []);
});

// The JavaScript API in a page: loading, asking, streaming, cancelling, errors, the openai package. Storage: storage.test.mjs.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { goldenTokens, goldens } from "./goldens.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const TINY = "/models/crema-tiny/";

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

test("loading tells how it goes on and what came of it", async () => {
    const { info, steps } = await page.evaluate(async (tiny) => {
        const steps = [];
        const engine = await crema.createEngine(tiny, { device: "reference", onProgress: (step) => steps.push(step) });
        await engine.close();
        return { info: engine.info, steps };
    }, TINY);
    assert.equal(info.model.id, "crema-tiny");
    assert.equal(info.model.architecture, "llama");
    assert.equal(info.model.parameters, 2_885_888);
    assert.equal(info.model.contextLength, 1024);
    assert.equal(info.device.kind, "reference");
    assert.ok(info.device.reason);
    assert.equal(steps.at(0).phase, "open");
    assert.equal(steps.at(-1).phase, "ready");
    assert.equal(steps.at(-1).fraction, 1);
    assert.ok(steps.some(({ phase, loaded }) => phase === "upload" && loaded > 0), "uploads are reported");
    steps.reduce((before, { fraction }) => (assert.ok(fraction >= before, "progress never goes back"), fraction), 0);
});

test("auto ranks a WebGPU that is only imitated below WebAssembly, and says so", async () => {
    const { device } = await page.evaluate(async (tiny) => {
        const engine = await crema.createEngine(tiny);
        await engine.close();
        return engine.info;
    }, TINY);
    assert.equal(device.kind, "wasm");
    assert.match(device.reason, /imitated/);
});

for (const device of ["reference", "webgpu", "wasm"]) {
    describe(`on ${device}`, () => {
        for (const golden of goldens) {
            test(`golden: ${golden.text.slice(-60).replaceAll("\n", "\\n")}`, async () => {
                const tokens = await page.evaluate(askGolden, { tiny: TINY, device, golden });
                assert.deepEqual(tokens, goldenTokens(golden));
            });
        }
    });
}

test("embeddings and the likelihood of prompts are the same on all devices", async () => {
    const ask = async ({ tiny, device }) => {
        const engine = await shared(tiny, { device });
        const { data, usage } = await engine.embeddings.create({ input: ["Hello!", "What is the capital of France?", "What is the capital of France? ".repeat(12)] });
        const { choices } = await engine.completions.create({ prompt: "Once upon a time there was a wise boy.", max_tokens: 0, echo: true, logprobs: 1 });
        return { vectors: data.map(({ embedding }) => embedding), usage, logprobs: choices[0].logprobs };
    };
    const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
    const first = await page.evaluate(ask, { tiny: TINY, device: "reference" });
    assert.ok(first.usage.prompt_tokens > 90, "one text takes several steps");
    for (const device of ["webgpu", "wasm"]) {
        const { vectors, logprobs } = await page.evaluate(ask, { tiny: TINY, device });
        for (const [i, vector] of vectors.entries()) {
            assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-4, `${device}: length of ${i}`);
            assert.ok(dot(vector, first.vectors[i]) > 0.999, `${device}: text ${i}`);
        }
        assert.deepEqual(logprobs.tokens, first.logprobs.tokens);
        assert.equal(logprobs.token_logprobs[0], null);
        for (const [i, logprob] of logprobs.token_logprobs.entries()) {
            assert.ok(Math.abs(logprob - first.logprobs.token_logprobs[i]) < 0.1, `${device}: ${logprob} for ${logprobs.tokens[i]}`);
        }
    }
});

test("replies in a format and calls that have to be made are the same on all devices", async () => {
    const ask = async ({ tiny, device }) => {
        const engine = await shared(tiny, { device });
        const messages = [{ role: "user", content: "What is the weather in Paris?" }];
        const schema = { type: "object", properties: { city: { type: "string", maxLength: 12 }, degrees: { type: "integer", minimum: -50, maximum: 60 } },
            required: ["city", "degrees"], additionalProperties: false };
        const json = await engine.chat.completions.create({ messages, temperature: 0, max_tokens: 80,
            response_format: { type: "json_schema", json_schema: { name: "weather", schema } } });
        const call = await engine.chat.completions.create({ messages, temperature: 0, max_tokens: 80, tool_choice: "required", parallel_tool_calls: false,
            tools: [{ type: "function", function: { name: "look_up", parameters: schema } }] });
        const refused = await engine.chat.completions.create({ messages, regex: "(?=a)" }).catch(({ code, param }) => ({ code, param }));
        return { content: json.choices[0].message.content, reasons: [json, call].map(({ choices }) => choices[0].finish_reason),
            call: call.choices[0].message.tool_calls[0].function, timed: json.timings.grammar_ms >= 0, refused };
    };
    const first = await page.evaluate(ask, { tiny: TINY, device: "wasm" });
    const weather = JSON.parse(first.content);
    assert.deepEqual(Object.keys(weather), ["city", "degrees"]);
    assert.ok(Number.isInteger(weather.degrees) && weather.degrees >= -50 && weather.degrees <= 60, first.content);
    assert.equal(first.call.name, "look_up");
    assert.equal(typeof JSON.parse(first.call.arguments).city, "string");
    assert.deepEqual(first.reasons, ["stop", "tool_calls"]);
    assert.ok(first.timed);
    assert.deepEqual(first.refused, { code: "invalid_request", param: "regex" });
    assert.deepEqual(await page.evaluate(ask, { tiny: TINY, device: "webgpu" }), first);
});

/** In the page: the greedy reply to a golden's messages (or text), as the bytes of each token. */
async function askGolden({ tiny, device, golden }) {
    const engine = await shared(tiny, { device });
    if (golden.messages) {
        const reply = await engine.chat.completions.create({ messages: golden.messages, tools: golden.tools ?? undefined, temperature: 0,
            max_tokens: 40, logprobs: true });
        return reply.choices[0].logprobs.content.map(({ bytes }) => bytes);
    }
    const reply = await engine.completions.create({ prompt: golden.ids, temperature: 0, max_tokens: golden.greedy_ids.length });
    return { text: reply.choices[0].text };
}

describe("asking", () => {
    const question = { messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, max_tokens: 40 };
    const evaluate = (action) => page.evaluate(`(${action})(${JSON.stringify({ tiny: TINY, question })})`);

    test("a stream and a whole reply say the same", async () => {
        const { whole, chunks } = await evaluate(async ({ tiny, question }) => {
            const engine = await shared(tiny, { device: "reference" });
            const whole = await engine.chat.completions.create(question);
            const chunks = [];
            for await (const chunk of engine.chat.completions.create({ ...question, stream: true, stream_options: { include_usage: true } })) {
                chunks.push(chunk);
            }
            return { whole, chunks };
        });
        assert.equal(whole.object, "chat.completion");
        assert.match(whole.choices[0].message.content, /cold/i);
        assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""), whole.choices[0].message.content);
        assert.equal(chunks[0].choices[0].delta.role, "assistant");
        assert.equal(chunks.findLast(({ choices }) => choices.length > 0).choices[0].finish_reason, "stop");
        assert.deepEqual(chunks.at(-1).usage.completion_tokens, whole.usage.completion_tokens);
    });

    test("an awaited stream can be iterated too", async () => {
        const text = await evaluate(async ({ tiny, question }) => {
            const engine = await shared(tiny, { device: "reference" });
            const stream = await engine.chat.completions.create({ ...question, stream: true });
            let text = "";
            for await (const chunk of stream) {
                text += chunk.choices[0]?.delta.content ?? "";
            }
            return text;
        });
        assert.match(text, /cold/i);
    });

    test("leaving early frees the request, many times over", async () => {
        const text = await evaluate(async ({ tiny, question }) => {
            const engine = await shared(tiny, { device: "reference" });
            const story = { messages: [{ role: "user", content: "Tell me a story about a fox." }], max_tokens: 400, stream: true };
            for (let i = 0; i < 30; i++) {
                for await (const chunk of engine.chat.completions.create(story)) {
                    if (chunk.choices[0]?.delta.content) {
                        break;
                    }
                }
            }
            return (await engine.chat.completions.create(question)).choices[0].message.content;
        });
        assert.match(text, /cold/i);
    });

    test("a signal ends a stream and a whole reply with AbortError", async () => {
        const ends = await evaluate(async ({ tiny, question }) => {
            const engine = await shared(tiny, { device: "reference" });
            const request = { ...question, messages: [{ role: "user", content: "Tell me a story." }], max_tokens: 400 };
            const read = async (signal, onChunk) => {
                for await (const chunk of engine.chat.completions.create({ ...request, stream: true }, { signal })) {
                    onChunk(chunk);
                }
            };
            const during = new AbortController();
            const whole = new AbortController();
            setTimeout(() => whole.abort(), 30);
            return {
                before: await failure(read(AbortSignal.abort(), () => { })),
                during: await failure(read(during.signal, () => during.abort())),
                whole: await failure(engine.chat.completions.create(request, { signal: whole.signal })),
                reason: await failure(engine.chat.completions.create(request, { signal: AbortSignal.abort(new TypeError("mine")) })),
                then: (await engine.chat.completions.create(question)).choices[0].message.content,
            };
        });
        assert.equal(ends.before.name, "AbortError");
        assert.equal(ends.during.name, "AbortError");
        assert.equal(ends.whole.name, "AbortError");
        assert.equal(ends.reason.message, "mine");
        assert.match(ends.then, /cold/i);
    });

    test("several at once give what each gives alone", async () => {
        const { alone, together } = await evaluate(async ({ tiny }) => {
            const engine = await shared(tiny, { device: "reference" });
            const questions = ["What is the opposite of hot?", "What is the capital of France?", "Spell the word rabbit.", "What is 3 plus 4?"];
            const ask = async (content) => (await engine.chat.completions.create({ messages: [{ role: "user", content }], temperature: 0 })).choices[0].message.content;
            const alone = [];
            for (const question of questions) {
                alone.push(await ask(question));
            }
            return { alone, together: await Promise.all(questions.map(ask)) };
        });
        assert.deepEqual(together, alone);
    });

    test("a bad request is told with code, field and hint, and the next one works", async () => {
        const { role, empty, long, stream, then } = await evaluate(async ({ tiny, question }) => {
            const engine = await shared(tiny, { device: "reference" });
            const create = (request) => engine.chat.completions.create(request);
            return {
                role: await failure(create({ messages: [{ role: "cook", content: "Hi" }] })),
                empty: await failure(create({})),
                long: await failure(create({ messages: [{ role: "user", content: "word ".repeat(5000) }] })),
                stream: await failure(create({ ...question, temperature: "hot", stream: true })),
                then: (await create(question)).choices[0].message.content,
            };
        });
        assert.equal(role.name, "CremaError");
        assert.equal(role.status, 400);
        assert.match(role.param, /messages/);
        assert.equal(empty.status, 400);
        assert.equal(long.code, "context_length_exceeded");
        assert.match(long.message, /1024/);
        assert.equal(stream.status, 400);
        assert.equal(stream.param, "temperature");
        assert.match(then, /cold/i);
    });

    test("the openai package works through engine.fetch", async () => {
        const result = await evaluate(async ({ tiny, question }) => {
            const engine = await shared(tiny, { device: "reference" });
            const client = new OpenAI({ baseURL: "http://crema.local/v1", apiKey: "none", fetch: engine.fetch, dangerouslyAllowBrowser: true, maxRetries: 0 });
            const model = "crema-tiny";
            const models = [];
            for await (const card of client.models.list()) {
                models.push(card.id);
            }
            let streamed = "";
            for await (const chunk of await client.chat.completions.create({ model, ...question, stream: true })) {
                streamed += chunk.choices[0]?.delta?.content ?? "";
            }
            const whole = await client.chat.completions.create({ model, ...question });
            const text = await client.completions.create({ model, prompt: "Once upon a time", max_tokens: 5, temperature: 0 });
            const stopped = await client.chat.completions.create({ model, ...question, stream: true });
            for await (const chunk of stopped) {
                break;
            }
            const response = await client.responses.create({ model, input: question.messages, temperature: 0 });
            const events = [];
            for await (const event of await client.responses.create({ model, input: question.messages, temperature: 0, stream: true })) {
                events.push(event);
            }
            const own = await engine.responses.create({ input: question.messages, temperature: 0 });
            const embeddings = await client.embeddings.create({ model, input: "Hello!", dimensions: 8 });
            return {
                response: response.output_text, events: events.map(({ type }) => type), own: own.output[0].content[0].text,
                written: events.filter(({ type }) => type === "response.output_text.delta").map(({ delta }) => delta).join(""),
                dimensions: embeddings.data[0].embedding.length, models, streamed, whole: whole.choices[0].message.content, text: text.choices[0].text,
                bad: await failure(client.chat.completions.create({ model, messages: [] })),
                missing: await failure(client.models.retrieve("no-such-model")),
                notFound: await failure(client.moderations.create({ model, input: "x" })),
            };
        });
        assert.deepEqual(result.models, ["crema-tiny"]);
        assert.match(result.whole, /cold/i);
        assert.equal(result.streamed, result.whole);
        assert.ok(result.text.length > 0);
        assert.deepEqual([result.response, result.written, result.own], [result.whole, result.whole, result.whole]);
        assert.deepEqual([result.events[0], result.events.at(-1)], ["response.created", "response.completed"]);
        assert.equal(result.dimensions, 8);
        assert.equal(result.bad.status, 400);
        assert.equal(result.missing.status, 404);
        assert.equal(result.notFound.status, 404);
    });

    test("closing ends what runs, and later calls say so", async () => {
        const ends = await evaluate(async ({ tiny, question }) => {
            const engine = await crema.createEngine(tiny, { device: "reference" });
            const running = failure(engine.chat.completions.create({ messages: [{ role: "user", content: "Tell me a story." }], max_tokens: 500 }));
            await engine.close();
            await engine.close();
            return { running: await running, later: await failure(engine.chat.completions.create(question)), models: await failure(engine.models.list()) };
        });
        assert.equal(ends.running.code, "closed");
        assert.equal(ends.later.code, "closed");
        assert.equal(ends.models.code, "closed");
    });
});

test("the package may be on another host than the page", async () => {
    const host = await serve();
    host.fault = (request, response) => response.setHeader("access-control-allow-origin", "*") && false;
    try {
        const text = await page.evaluate(async ({ url, tiny }) => {
            const { createEngine } = await import(`${url}/crema/crema.js`);
            const engine = await createEngine(url + tiny, { device: "reference", cache: false });
            const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0 });
            await engine.close();
            return reply.choices[0].message.content;
        }, { url: host.url, tiny: TINY });
        assert.match(text, /cold/i);
    } finally {
        await host.close();
    }
});

test("engine.fetch answers unknown paths with 404 and wrong methods with 405", async () => {
    const statuses = await page.evaluate(async (tiny) => {
        const engine = await shared(tiny, { device: "reference" });
        const status = async (method, path) => (await engine.fetch(`http://crema.local${path}`, { method })).status;
        return [await status("GET", "/v1/nothing"), await status("POST", "/v1/nothing"), await status("GET", "/v1/chat/completions"),
            await status("DELETE", "/v1/models"), await status("GET", "/v1/models")];
    }, TINY);
    assert.deepEqual(statuses, [404, 404, 405, 405, 200]);
});

test("what createEngine is given wrongly is told at once", async () => {
    const failures = await page.evaluate(async (tiny) => ({
        empty: await failure(crema.createEngine([])),
        number: await failure(crema.createEngine(42)),
        url: await failure(crema.createEngine("http://")),
        option: await failure(crema.createEngine(tiny, { devise: "webgpu" })),
        device: await failure(crema.createEngine(tiny, { device: "abacus" })),
        kvType: await failure(crema.createEngine(tiny, { kvType: "q5_0" })),
        threads: await failure(crema.createEngine(tiny, { device: "wasm", threads: 1.5 })),
        selfTest: await failure(crema.createEngine(tiny, { selfTest: "never" })),
        worker: await failure(crema.createEngine(tiny, { startWorker: "worker.js" })),
        aborted: await failure(crema.createEngine(tiny, { signal: AbortSignal.abort() })),
    }), TINY);
    for (const name of ["empty", "number", "url", "option", "device", "kvType", "threads", "selfTest", "worker"]) {
        assert.equal(failures[name].code, "invalid_request", name);
        assert.ok(failures[name].hint, name);
    }
    assert.equal(failures.aborted.name, "AbortError");
});

test("a file that is no model is told so", async () => {
    const { text, empty, cut } = await page.evaluate(async (tiny) => {
        const weights = await (await fetch(`${tiny}model.safetensors`)).blob();
        const config = await (await fetch(`${tiny}config.json`)).blob();
        const load = (files) => failure(crema.createEngine(files, { device: "reference" }));
        return {
            text: await load(new File(["not a model at all"], "notes.gguf")),
            empty: await load(new File([], "empty.gguf")),
            cut: await load([new File([config], "config.json"), new File([weights.slice(0, 100_000)], "model.safetensors")]),
        };
    }, TINY);
    for (const failed of [text, empty, cut]) {
        assert.equal(failed.code, "invalid_checkpoint", JSON.stringify(failed));
    }
});

test("no error reached the console", async () => {
    assert.deepEqual(errors, []);
});

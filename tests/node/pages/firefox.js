// The page of firefox.test.mjs: does what it is asked for one after another, and posts what came of each.

import { createEngine, deleteCached, listCached } from "/crema/crema.js";

const TINY = "/models/crema-tiny/";
const QUESTION = { messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0, max_tokens: 20 };

async function ask(options) {
    const engine = await createEngine(TINY, { device: "wasm", ...options });
    let reply = "";
    for await (const chunk of engine.chat.completions.create({ ...QUESTION, stream: true })) {
        reply += chunk.choices[0]?.delta.content ?? "";
    }
    const stored = await engine.stored;
    await engine.close();
    return { device: engine.info.device, reply, stored };
}

const TASKS = {
    threads: () => ask({ threads: 2, cache: false }),
    oneThread: () => ask({ threads: 1, cache: false }),
    inThePage: () => ask({ worker: false, threads: 1, cache: false }),
    shared: () => ask({ worker: "shared", threads: 1, cache: false }),
    auto: () => ask({ device: "auto", cache: false }),
    async stored() {
        await deleteCached();
        const first = await ask({ threads: 1 });
        const kept = await listCached();
        const second = await ask({ threads: 1 });
        await deleteCached();
        return { first: first.stored, second: second.stored, kept: kept.length, reply: second.reply };
    },
    async aborted() {
        const engine = await createEngine(TINY, { device: "wasm", threads: 1, cache: false });
        const stream = await engine.chat.completions.create({ ...QUESTION, stream: true });
        for await (const chunk of stream) {
            if (chunk.choices[0]?.delta.content) {
                break;
            }
        }
        const whole = await engine.chat.completions.create(QUESTION);
        await engine.close();
        return { reply: whole.choices[0].message.content };
    },
};

for (const [name, run] of Object.entries(TASKS)) {
    const result = await run().catch(({ code, message, hint }) => ({ error: { code, message, hint } }));
    await fetch("/report", { method: "POST", body: JSON.stringify({ name, result }) });
}
await fetch("/report", { method: "POST", body: JSON.stringify({ name: "end", result: navigator.userAgent }) });

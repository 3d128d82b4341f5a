// Damaged GGUF files in a page. Array bounds and null are not checked in WebAssembly as on the JVM, so what there would be a wrong kind of exception
// would here end the worker: every file must end in an error with a code, or load.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { tinyGguf } from "./gguf.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const PREFIXES = [0, 3, 4, 23, 24, 30, 100, 1000, 20_000, 60_000, 100_000];
const FLIPPED = 60;

const whole = tinyGguf();
/** Behind the header there are weights only, and any of them will do. */
const headerLength = whole.indexOf("blk.3.ffn_down.weight") + 60;
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
    await page.evaluate((base64) => {
        window.whole = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    }, whole.toString("base64"));
});

after(async () => {
    await browser?.close();
    await site?.close();
});

/** In the page: what comes of a file cut to a length and with some of its bytes replaced. */
async function open({ length, replaced }) {
    const bytes = window.whole.slice(0, length);
    replaced.forEach(([at, value]) => bytes[at] = value);
    try {
        const engine = await crema.createEngine(new File([bytes], "damaged.gguf"), { device: "reference", contextLength: 64, cache: false });
        await engine.close();
        return { code: null };
    } catch ({ name, code, message }) {
        return { name, code, message };
    }
}

const KNOWN = ["invalid_checkpoint", "unsupported_model", "missing_tensor", "invalid_graph", "invalid_json", "out_of_memory"];

test("what is cut off is told with its numbers", async () => {
    for (const length of [...PREFIXES, whole.length / 2 | 0, whole.length - 40]) {
        const result = await page.evaluate(open, { length, replaced: [] });
        assert.equal(result.code, "invalid_checkpoint", `${length} bytes: ${JSON.stringify(result)}`);
        assert.match(result.message, /\d/);
    }
});

test("bytes that flipped in the header end in an error or in a model", async () => {
    const seed = Date.now() % 2 ** 31;
    let state = seed;
    const random = (bound) => (state = Math.imul(state, 1103515245) + 12345 >>> 0, Math.floor(state / 2 ** 32 * bound));
    for (let i = 0; i < FLIPPED; i++) {
        // The strings of the vocabulary fill most of the header; half of the flips go to the rest.
        const start = i % 2 ? whole.indexOf("tokenizer.chat_template") : 0;
        const replaced = [[start + random(headerLength - start), [0, 1, 127, 128, 255, random(256)][random(6)]]];
        const result = await page.evaluate(open, { length: whole.length, replaced });
        assert.ok(result.code === null || KNOWN.includes(result.code), `seed ${seed}, byte ${replaced}: ${JSON.stringify(result)}`);
    }
});

test("the page goes on working", async () => {
    assert.deepEqual(await page.evaluate(open, { length: whole.length, replaced: [] }), { code: null });
    assert.deepEqual(errors, []);
});

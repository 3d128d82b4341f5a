// Both story models in a page, GGUF and safetensors, on each device: the same 200 greedy tokens as on the JVM, which are llama.cpp's.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { sharedModels } from "./shared.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const BEGINNING = "Once upon a time";
const END_TOKEN = 2;
const MODELS = [{ name: "stories260k", source: "/shared/stories260k/stories260K.gguf" }, { name: "tinystories-656k", source: "/shared/tinystories-656k/" }];

const models = sharedModels();
const skip = models ? false : "shared/models is not beside the repository (set CREMA_SHARED)";
let site;
let browser;
let page;
let errors;

before(async () => {
    if (skip) {
        return;
    }
    site = await serve({ ...DEMO_MOUNTS, "/shared/": models, "/pages/": path.join(ROOT, "tests/node/pages"),
        "/openai/": path.join(ROOT, "tests/node/node_modules/openai") });
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

const golden = (file) => readFileSync(path.join(ROOT, "tests/goldens", file), "utf8");

for (const device of ["reference", "webgpu", "wasm"]) {
    for (const { name, source } of MODELS) {
        test(`${name} on ${device}`, { skip }, async () => {
            const { choices: [choice], usage } = await page.evaluate(async ({ source, device, prompt }) => {
                const engine = await crema.createEngine(source, { device, contextLength: 256, selfTest: "off" });
                const reply = await engine.completions.create({ prompt, temperature: 0, max_tokens: 200 });
                await engine.close();
                return reply;
            }, { source, device, prompt: BEGINNING });
            const { story } = JSON.parse(golden(`llama-cpp/${name}.json`));
            const end = story.greedy.indexOf(END_TOKEN);
            const text = golden(`stories/${name}.txt`).slice(BEGINNING.length);
            assert.equal(usage.prompt_tokens, story.prompt.length);
            if (end < 0) {
                assert.equal(choice.finish_reason, "length");
                assert.equal(usage.completion_tokens, story.greedy.length);
                assert.equal(choice.text + "\n", text);
            } else {
                assert.equal(choice.finish_reason, "stop");
                assert.ok(usage.completion_tokens === end || usage.completion_tokens === end + 1, `${usage.completion_tokens} tokens`);
                assert.equal(choice.text, text.slice(0, choice.text.length));
                assert.ok(choice.text.length > 3 * end, choice.text);
            }
            assert.deepEqual(errors, []);
        });
    }
}

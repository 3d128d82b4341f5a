// What `./crema convert` writes, in a page: a folder for the web from a plain server, its parts picked as files, and one part that stands for all.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const PROMPT = "Once upon a time";
const TOKENS = 12;

let folder;
let site;
let browser;
let page;
let errors;
let expected;

async function crema(...args) {
    const child = spawn(path.join(ROOT, "crema"), args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, CREMA_CACHE: `${folder}.cache` } });
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    assert.equal(status, 0, err);
    return out;
}

before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "crema-convert-"));
    await crema("convert", path.join(ROOT, "models/crema-tiny"), path.join(folder, "web"), "--type", "Q4_0", "--shard-size", "500kB");
    expected = JSON.parse(await crema("complete", "--model", path.join(folder, "web"), "--device", "reference", "--prompt", PROMPT, "--json",
        "--max-tokens", `${TOKENS}`, "--temperature", "0")).text;
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai"),
        "/converted/": folder });
    browser = await launch();
    page = await (await browser.newContext()).newPage();
    errors = watchErrors(page);
    await page.goto(`${site.url}/pages/engine.html`);
    await page.waitForFunction(() => window.ready);
});

after(async () => {
    await browser?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
    rmSync(`${folder}.cache`, { recursive: true, force: true });
});

/** In the page: the greedy continuation, and what the model is. */
async function complete({ source, names, device, prompt, tokens }) {
    const from = source ?? await Promise.all(names.map(async (name) => new File([await (await fetch(`/converted/web/${name}`)).blob()], name)));
    const engine = await crema.createEngine(from, { device, cache: false });
    try {
        const reply = await engine.completions.create({ prompt, max_tokens: tokens, temperature: 0 });
        return { text: reply.choices[0].text, dtype: engine.info.model.dtype, id: engine.info.model.id };
    } finally {
        await engine.close();
    }
}

const parts = () => readdirSync(path.join(folder, "web")).filter((name) => name.endsWith(".gguf")).sort();

test("the folder is whole: parts of at most the size asked for, with their checksums", () => {
    const manifest = JSON.parse(readFileSync(path.join(folder, "web/crema.json"), "utf8"));
    assert.ok(parts().length > 2);
    assert.deepEqual(manifest.files.map(({ name }) => name), parts());
    for (const { name, size, sha256 } of manifest.files) {
        const bytes = readFileSync(path.join(folder, "web", name));
        assert.ok(bytes.length === size && size <= 500_000, `${name} ${size}`);
        assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256);
    }
    assert.deepEqual(readdirSync(folder), ["web"]);
});

for (const device of ["reference", "wasm"]) {
    test(`its address is a model, on the device ${device}`, async () => {
        const result = await page.evaluate(complete, { source: "/converted/web/", device, prompt: PROMPT, tokens: TOKENS });
        assert.deepEqual(result, { text: expected, dtype: "Q4_0", id: "crema-tiny" });
    });
}

test("so are its parts as picked files, and the address of one of them", async () => {
    const picked = await page.evaluate(complete, { names: parts().reverse(), device: "reference", prompt: PROMPT, tokens: TOKENS });
    assert.equal(picked.text, expected);
    const one = await page.evaluate(complete, { source: `/converted/web/${parts()[1]}`, device: "reference", prompt: PROMPT, tokens: TOKENS });
    assert.equal(one.text, expected);
});

test("a folder in nf4 is a model too, on the processor", async () => {
    await crema("convert", path.join(ROOT, "models/crema-tiny"), path.join(folder, "nf4"), "--type", "nf4");
    const { files, format, type } = JSON.parse(readFileSync(path.join(folder, "nf4/crema.json"), "utf8"));
    assert.deepEqual({ format, type }, { format: "safetensors", type: "nf4" });
    assert.ok(["model.safetensors", "config.json", "tokenizer.json"].every((name) => files.some((file) => file.name === name)));
    const said = JSON.parse(await crema("complete", "--model", path.join(folder, "nf4"), "--device", "reference", "--prompt", PROMPT, "--json",
        "--max-tokens", `${TOKENS}`, "--temperature", "0")).text;
    const result = await page.evaluate(complete, { source: "/converted/nf4/", device: "wasm", prompt: PROMPT, tokens: TOKENS });
    assert.equal(result.text, said);
    rmSync(path.join(folder, "nf4"), { recursive: true });
});

test("a part that is missing or cut short is told", async () => {
    const failure = (source) => page.evaluate(async (from) => {
        try {
            await (await crema.createEngine(from, { device: "reference", cache: false })).close();
            return null;
        } catch ({ code, message }) {
            return { code, message };
        }
    }, source);
    const last = path.join(folder, "web", parts().at(-1));
    const bytes = readFileSync(last);
    writeFileSync(last, bytes.subarray(0, 1000));
    const short = await failure("/converted/web/");
    assert.equal(short.code, "invalid_checkpoint");
    assert.match(short.message, /has 1000 bytes/);
    rmSync(last);
    assert.equal((await failure("/converted/web/")).code, "invalid_checkpoint");
    writeFileSync(last, bytes);
});

test("no errors on the page", () => {
    assert.deepEqual(errors.filter((error) => !/404/.test(error)), []);
});

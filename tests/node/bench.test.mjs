// The benchmark page and `./crema bench`: a short run on the embedded model. Screenshots for people to look at go to target/screenshots.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { historyLine } from "../perf/history.mjs";
import { launch, watchErrors } from "./browser.mjs";
import { ROOT, serve } from "./static-server.mjs";

const SHOTS = path.join(ROOT, "tests/node/target/screenshots");
const COUNTERS = ["dispatches", "passes", "encoders", "submits", "bindGroups", "buffers", "pipelines", "writeBuffers", "writtenBytes", "readbacks", "readbackBytes"];

let site;
let browser;

before(async () => {
    mkdirSync(SHOTS, { recursive: true });
    site = await serve();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await site?.close();
});

/** Runs the page with these parameters in its address; resolves with the page and the result. */
async function run(parameters, options) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const errors = watchErrors(page);
    await page.goto(`${site.url}/bench.html?${new URLSearchParams({ device: "webgpu", preset: "quick", run: 1, ...parameters })}`);
    await page.waitForFunction(() => globalThis.bench !== undefined);
    return { context, page, errors, result: await page.evaluate(() => globalThis.bench) };
}

async function assertFits(page) {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} px wider than the window`);
}

function assertRows(rows, name, values) {
    assert.deepEqual(rows.map((row) => row[name]), values);
    for (const row of rows) {
        assert.ok(row.skipped ? typeof row.skipped === "string" : row.tokensPerSecond > 0 && row.tokensPerSecond < 1e6, JSON.stringify(row));
    }
}

test("a quick run measures every section and shows it", async () => {
    const { context, page, errors, result } = await run({}, { viewport: { width: 1280, height: 900 }, colorScheme: "light" });
    assert.equal(result.schema, "crema-bench/1");
    assert.equal(result.device.kind, "webgpu");
    assert.equal(result.model.dtype, "F16");
    assert.deepEqual(result.load.map(({ kind }) => kind), ["cold", "warm"]);
    const { bytes, peakBytes } = result.gpuMemory;
    assert.ok(bytes > result.model.bytes && peakBytes >= bytes && peakBytes < 100e6, JSON.stringify(result.gpuMemory));
    assertRows(result.prefill, "tokens", [32, 128]);
    assertRows(result.decode, "depth", [0]);
    assertRows(result.batch, "sequences", [1, 4]);
    assertRows(result.stepsAhead, "depth", [1, 4]);

    const { counters } = result.decode[0];
    assert.deepEqual(Object.keys(counters).sort(), COUNTERS.toSorted());
    assert.ok(counters.dispatches >= 10 && counters.dispatches < 100, `${counters.dispatches} dispatches`);
    // A reply that ends early leaves a few steps that were begun ahead.
    assert.ok(counters.passes >= 1 && counters.passes < 1.5 && counters.submits === counters.passes, JSON.stringify(counters));
    assert.deepEqual([counters.bindGroups, counters.buffers, counters.pipelines], [0, 0, 0]);

    assert.deepEqual(result.kernels.map(({ phase }) => phase), ["decode", "prefill"]);
    for (const { rows, millis } of result.kernels) {
        assert.ok(millis > 0);
        assert.ok(Math.abs(rows.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-6);
        assert.ok(rows.some(({ gigabytesPerSecond, gigaflopsPerSecond }) => gigabytesPerSecond > 0 && gigaflopsPerSecond > 0));
    }
    const [decode, prefill] = result.kernels;
    assert.ok(prefill.millis > 2 * decode.millis, `128 tokens take ${prefill.millis} ms, one ${decode.millis} ms: were all rows computed?`);
    for (const title of ["Loading", "Prefill", "Decode", "Several sequences", "Steps ahead", "Kernels"]) {
        await page.getByRole("region", { name: title, exact: true }).waitFor();
    }
    await assertFits(page);
    await page.screenshot({ path: path.join(SHOTS, "bench-desktop-light.png"), fullPage: true });

    await page.getByRole("button", { name: "Download JSON" }).waitFor();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download JSON" }).click()]);
    const exported = await (await import("node:fs/promises")).readFile(await download.path(), "utf8");
    assert.deepEqual(JSON.parse(exported), result);
    assert.deepEqual(errors, []);
    await context.close();

    const line = historyLine(result);
    assert.match(line.commit, /^[0-9a-f]{12}\+?$/);
    assert.deepEqual(Object.keys(line.prefill), ["32", "128"]);
    assert.ok(line.decode[0] > 0);
    assert.equal(line.dtype, "F16");
    assert.deepEqual(line.counters, counters);
    assert.ok(!JSON.stringify(line).includes("\n"));
});

test("on a phone, in the dark, by keyboard; stopped and started again", async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 780 }, colorScheme: "dark" });
    const page = await context.newPage();
    const errors = watchErrors(page);
    await page.goto(`${site.url}/bench.html?device=webgpu&sections=prefill,decode`);
    await assertFits(page);
    await page.screenshot({ path: path.join(SHOTS, "bench-phone-dark-form.png") });
    await page.getByRole("button", { name: "Start" }).press("Enter");
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Start" }).press("Enter");
    await page.getByRole("region", { name: "Decode", exact: true }).waitFor();
    await page.getByRole("button", { name: "Copy" }).waitFor();
    await assertFits(page);
    await page.screenshot({ path: path.join(SHOTS, "bench-phone-dark.png"), fullPage: true });
    assert.deepEqual(errors, []);
    await context.close();
});

test("without WebGPU the cells are measured all the same, and kernels say why not", async () => {
    const { context, page, errors, result } = await run({ device: "wasm", sections: "decode,kernels" }, { viewport: { width: 800, height: 700 } });
    assertRows(result.decode, "depth", [0]);
    assert.match(result.kernels[0].skipped, /no WebGPU kernels/);
    await page.getByText("No use of WebGPU was counted.").waitFor();
    assert.deepEqual(errors, []);
    await context.close();
});

test("a model that is not there is told", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${site.url}/bench.html`);
    await page.getByLabel("Model", { exact: true }).fill(`${site.url}/models/none.gguf`);
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("alert").getByText("answered 404").waitFor();
    await page.getByRole("button", { name: "Start" }).waitFor();
    await context.close();
});

test("crema bench web prints tables or JSON, and refuses what it doesn't know", { timeout: 300_000 }, () => {
    const crema = (...args) => spawnSync(path.join(ROOT, "crema"), ["bench", ...args], { encoding: "utf8" });
    const json = crema("web", "--adapter", "swiftshader", "--sections", "decode", "--json");
    assert.equal(json.status, 0, json.stderr);
    assertRows(JSON.parse(json.stdout).decode, "depth", [0]);
    for (const [status, ...args] of [[0, "--help"], [0, "web", "--help"], [2, "abacus"], [2, "web", "--preset", "slow"], [2, "web", "--nonsense"], [2, "web", "a", "b"],
        [2, "web", "--context-length", "x"], [1, "web", "/no/such/model.gguf"]]) {
        const result = crema(...args);
        assert.equal(result.status, status, `${args.join(" ")}: ${result.stderr}`);
        assert.match(status === 0 ? result.stdout : result.stderr, status === 0 ? /^Usage: crema bench/ : /^crema: [^\n]+\n$/);
    }
});

test("crema bench kernels measures cases with each variant", { timeout: 300_000 }, () => {
    const main = path.join(ROOT, "tests/perf/main.mjs");
    const bench = (...args) => spawnSync(process.execPath, [main, "kernels", ...args, "--millis", "1", "--json"], { encoding: "utf8" });
    const pattern = "kernels/matMul/q4_0/rows1_in64_out6*";
    const { status, stdout, stderr } = bench(pattern);
    assert.equal(status, 0, stderr);
    const { schema, rows } = JSON.parse(stdout);
    assert.equal(schema, "crema-bench-kernels/1");
    const own = rows.filter(({ variant }) => variant === "own choice");
    assert.deepEqual(own.map(({ name }) => name), ["kernels/matMul/q4_0/rows1_in64_out63", "kernels/matMul/q4_0/rows1_in64_out64", "kernels/matMul/q4_0/rows1_in64_out65"]);
    assert.ok(rows.every(({ micros }) => micros > 0));
    assert.equal(bench("nothing/*").status, 1);
    assert.equal(bench(pattern, "--variants", "abacus").status, 1);
});

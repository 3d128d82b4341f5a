// The conformance suite on WebGPU and on the Wasm device, every case a subtest: whole in Node (WebGPU by Dawn); then other forms of the kernels,
// each on what they change; and in Chromium, as the proof that a browser agrees, a slice of everything and what only a page can get wrong.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { missing, runConformance as runInNode } from "./conformance-node.mjs";
import { runConformance as runInChromium } from "./conformance-page.mjs";

const built = existsSync(new URL("../target/web/conformance.wasm", import.meta.url));
const skip = built ? false : "tests/target/web/conformance.wasm is not built: mvn -pl tests -am process-classes";
if (!built && process.env.CI) {
    throw new Error(skip);
}

// What works in teams: each format in the kernel that has the most of them, others in some; of the samplers those with small vocabularies, because
// SwiftShader runs barriers slowly.
const teamKernels = "kernels/project/*,kernels/gatedProject/f*,kernels/gatedProject/q4*,kernels/matMul/f16/*,kernels/matMul/q4_0/*,kernels/matMul/q4_k/*,"
    + "kernels/matMul/*/rows1_in*_out33,kernels/matMul/*/rows5_*,kernels/expertMatMul/f*,kernels/expertMatMul/q4*,kernels/route/*,kernels/rmsNorm/*,"
    + "kernels/layerNorm/*,kernels/sample/*/v33,kernels/sample/*/v257,kernels/sample/*/v1000,graphs/*";

// Every format once; the rest does not depend on how a workgroup adds up.
const portable = "kernels/matMul/q4_0/*,kernels/project/q4_0/*,kernels/project/*_norm_bias_residual,kernels/gatedProject/*,kernels/rmsNorm/*,"
    + "kernels/sample/*/v257,kernels/route/*,kernels/expertMatMul/q4_0/*,graphs/llama/q4_0,graphs/llama/f32_extras";
const split = "kernels/project/f*,kernels/project/q4*,kernels/gatedProject/f*,kernels/gatedProject/q4*,kernels/rotaryAttention/q*,"
    + "kernels/matMul/f*,kernels/matMul/q*_0/*,kernels/matMul/q4_k/*,kernels/expertMatMul/f*,kernels/expertMatMul/q4*,kernels/embed/*,graphs/*";
const slice = "graphs/*,invariants/*,kernels/*/*/rows5_*,kernels/rope/*,kernels/rmsNorm/*,kernels/sample/*/v257,kernels/attention/d64,kernels/rotaryAttention/h*,"
    + "models/families/tiny-gemma2,models/families/tiny-bert";

const inNode = [
    { title: "everything", parameters: {}, atLeast: 1300 },
    { title: "lanes in workgroups", parameters: { teams: "workgroup", q: teamKernels }, atLeast: 280 },
    { title: "lanes in workgroups, an adapter without features and with WebGPU's least limits", atLeast: 120,
        parameters: { teams: "workgroup", without: "subgroups,packed_4x8_integer_dot_product", limits: "least", q: portable } },
    { title: "weights split by rows", parameters: { split: "1000", q: split }, atLeast: 200 },
    { title: "the Wasm device", parameters: { device: "wasm" }, atLeast: 1400 },
    { title: "the Wasm device without relaxed SIMD", parameters: { device: "wasm", without: "relaxed-simd",
        q: "graphs/*,kernels/matMul/*/rows7_in96_out65,kernels/matMul/*/rows1_in*_out33,kernels/rmsNorm/*,kernels/attention/d*" }, atLeast: 60 },
    { title: "the Wasm device on three threads", parameters: { device: "wasm", threads: "3", q: `${slice},kernels/attention/kv*,kernels/route/*` }, atLeast: 100 },
    { title: "the Wasm device with a 64-bit memory", parameters: { device: "wasm", memory: "64", threads: "2",
        q: "kernels/matMul/*/rows7_in96_out65,kernels/matMul/*/rows1_in*_out33,kernels/embed/*,kernels/expert*,kernels/rmsNorm/*,kernels/route/*,invariants/*" },
        atLeast: 100 },
    { title: "plain ops", parameters: { fusion: "off", q: "kernels/*roject/q4_0/*,kernels/rotaryAttention/q*,graphs/*,invariants/*" }, atLeast: 30 },
];
const inChromium = [
    { title: "a slice of everything", parameters: { q: slice }, atLeast: 100 },
    { title: "what only WebGPU can get wrong", parameters: { suite: "webgpu" }, atLeast: 15 },
    { title: "the Wasm device", parameters: { device: "wasm", q: slice }, atLeast: 100 },
    { title: "the Wasm device on two threads", parameters: { device: "wasm", threads: "2", q: "graphs/*,invariants/*" }, atLeast: 10 },
    { title: "the reference device in Wasm", parameters: { device: "reference", q: "graphs/*,invariants/*" }, atLeast: 10 },
];

async function check(t, { outcomes, errors, summary }, atLeast) {
    for (const { name, outcome, text } of outcomes) {
        await t.test(name, { skip: outcome === "skipped" ? text : false }, () => assert.notEqual(outcome, "failed", text));
    }
    assert.deepEqual(errors, [], "the console stays clean");
    assert.ok(outcomes.length >= atLeast, `only ${outcomes.length} cases ran: ${summary}`);
    assert.ok(!outcomes.some(({ outcome }) => outcome === "skipped"), "no case is skipped");
}

for (const { title, parameters, atLeast } of inNode) {
    test(`conformance: ${title}`, { skip, timeout: 900_000 }, async (t) => check(t, await runInNode(parameters), atLeast));
}
for (const { title, parameters, atLeast } of inChromium) {
    test(`conformance in Chromium: ${title}`, { skip, timeout: 900_000 }, async (t) => check(t, await runInChromium(parameters), atLeast));
}

// Attention in workgroups has pipelines of its own for each size of heads and each format of the cache, which take SwiftShader long.
test("conformance: attention, lanes in workgroups", { skip, timeout: 900_000 }, async (t) =>
    check(t, await runInNode({ teams: "workgroup", q: "kernels/attention/*,kernels/rotaryAttention/d*,kernels/rotaryAttention/norms*,"
        + "kernels/rotaryAttention/everything,kernels/rotaryAttention/splits*,kernels/rotaryAttention/kv_*/forks" }), 130));

// Whatever variants of a kernel the adapter has: each is forced upon the cases of its op (mat_mul.tile: kernels/matMul).
const variants = skip ? [] : (await runInNode({ suite: "variants" })).summary.split(" ");
for (const variant of variants) {
    const op = variant.split(".")[0].replace(/_./g, (letter) => letter[1].toUpperCase());
    test(`conformance: ${variant}`, { skip, timeout: 900_000 }, async (t) =>
        check(t, await runInNode({ force: variant, q: `kernels/${op}/*,invariants/computedAgain/*` }), 30));
}
test("conformance: a kernel has variants", { skip }, () => {
    assert.ok(variants.includes("mat_mul.tile") && variants.includes("mat_mul.int8"), `only ${variants}`);
});

// 16-bit floats, which SwiftShader has not: what lavapipe has beyond it, and how another compiler of WGSL (naga, as in Firefox) takes the rest.
const lacking = missing("lavapipe") ?? false;
if (lacking && process.env.CI) {
    throw new Error(lacking);
}
const onLavapipe = skip || lacking ? [] : (await runInNode({ suite: "variants" }, { adapter: "lavapipe" })).summary.split(" ");
for (const variant of onLavapipe.filter((name) => !variants.includes(name))) {
    test(`conformance: ${variant} on lavapipe`, { timeout: 900_000 }, async (t) =>
        check(t, await runInNode({ force: variant, q: "kernels/matMul/*" }, { adapter: "lavapipe" }), 250));
}
test("conformance: a slice on lavapipe", { skip: skip || lacking, timeout: 900_000 }, async (t) => {
    assert.ok(onLavapipe.includes("mat_mul.f16"), `only ${onLavapipe}`);
    await check(t, await runInNode({ q: "graphs/*,kernels/rmsNorm/*,kernels/rope/*,kernels/attention/d*,kernels/matMul/*/rows7_in96_out65" },
        { adapter: "lavapipe" }), 60);
});

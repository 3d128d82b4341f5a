// Compiles every kernel in every form with Dawn, on an adapter that runs nothing (its null backend) but has all features, with no more than the
// limits that WebGPU promises everywhere: 8 storage buffers a stage, 16 KB of workgroup memory, 256 invocations. Prints a line of JSON for each
// module: name, requires, error (or null). See compile.test.mjs.

import { fileURLToPath } from "node:url";
import process from "node:process";
import { create, globals } from "webgpu";

const FEATURES = { f16: "shader-f16", subgroups: "subgroups" };
const built = new URL("../target/web/", import.meta.url);
Object.assign(globalThis, globals);

// Kept: Dawn ends the process when what it made is collected.
const gpu = (globalThis.dawn = create(["backend=null"]));
const adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice({ requiredFeatures: Object.values(FEATURES) });

async function compile(code) {
    const module = device.createShaderModule({ code });
    try {
        await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
        return null;
    } catch (error) {
        const { messages } = await module.getCompilationInfo();
        return [String(error), ...messages.map(({ lineNum, message }) => `${lineNum}: ${message}`)].join("\n");
    }
}

const modules = [];
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
Object.defineProperty(globalThis, "location", { value: { search: "?suite=sources" }, configurable: true });
globalThis.report = (name, requires, source) => modules.push({ name, requires, source });
const finished = new Promise((resolve) => (globalThis.finish = resolve));
const { load } = await import(new URL("conformance-runtime.js", built).href);
const { exports } = await load(fileURLToPath(new URL("conformance.wasm", built)), { nodejs: true });
exports.main([]);
await finished;

for (const { name, requires, source } of modules) {
    console.log(JSON.stringify({ name, requires, error: await compile(source) }));
}
process.exit(0);

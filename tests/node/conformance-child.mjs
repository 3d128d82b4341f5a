// Runs the conformance suite inside of Node (with the npm package webgpu, which is Dawn) or Deno; see conformance-node.mjs. Prints a line of
// JSON for each outcome, and one with the summary.

import { fileURLToPath } from "node:url";
import process from "node:process";

const built = new URL("../target/web/", import.meta.url);

if (!globalThis.Deno) {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    Object.defineProperty(globalThis, "navigator", { value: { gpu: create([]) }, configurable: true });
}

// What the suite expects of a page.
const search = new URLSearchParams(process.argv[2] ?? "");
Object.defineProperty(globalThis, "location", { value: { search: `?${search}` }, configurable: true });
globalThis.isSecureContext = true;
globalThis.report = (name, outcome, text) => console.log(JSON.stringify({ name, outcome, text }));
await import("./gpu-watch.js");
if (search.get("device") === "wasm") {
    const [{ openKernels }, { Worker }] = await Promise.all([import(new URL("../../runtime-web/target/web/kernels.js", import.meta.url).href),
        import("node:worker_threads")]);
    globalThis.openKernels = (options) => openKernels({ ...options, startWorker: (script) => new Worker(script) });
}

const finished = new Promise((resolve) => (globalThis.finish = resolve));
const { load } = await import(new URL("conformance-runtime.js", built).href);
const { exports } = await load(fileURLToPath(new URL("conformance.wasm", built)), { nodejs: true });
exports.main([]);
console.log(JSON.stringify({ summary: await finished }));
// The WebGPU device keeps the process alive.
process.exit(0);

// The conformance suite on Dawn in Node, without a browser: WebGPU on SwiftShader, several times as fast as a page.
//
//     node_modules/node24/bin/node conformance-node.mjs "q=kernels/matMul/q4_0/*&teams=workgroup"
//
// The parameters are those of the page (see ConformancePage). Prints what did not pass, then the sum; the exit status is 1 when a case failed.
// As a module it hands the outcomes to its caller: `runConformance({ q: "graphs/*" })` starts a process of its own.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const self = fileURLToPath(import.meta.url);
const built = new URL("../target/web/", import.meta.url);

/** The Vulkan driver that Debian's Chromium brings. */
export const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";

export const node24 = (() => {
    const bundled = fileURLToPath(new URL("node_modules/node24/bin/node", import.meta.url));
    return existsSync(bundled) ? bundled : process.execPath;
})();

/** Runs the suite with these parameters of ConformancePage; `onOutcome` hears of each case as it ends. */
export async function runConformance(parameters, onOutcome = () => {}) {
    const env = { ...process.env, VK_ICD_FILENAMES: process.env.VK_ICD_FILENAMES ?? swiftShader };
    const child = spawn(node24, [self, String(new URLSearchParams(parameters)), "--report"], { env, stdio: ["ignore", "pipe", "pipe"] });
    const outcomes = [];
    const errors = [];
    let summary = "crashed";
    // Dawn's loader tells of a missing display at every start.
    createInterface({ input: child.stderr }).on("line", (line) => line.includes("XDG_RUNTIME_DIR") || errors.push(line));
    createInterface({ input: child.stdout }).on("line", (line) => {
        const message = JSON.parse(line);
        if (message.summary !== undefined) {
            summary = message.summary;
        } else {
            outcomes.push(message);
            onOutcome(message);
        }
    });
    const status = await new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal)));
    if (summary === "crashed") {
        errors.push(`Dawn ended with ${status} after ${outcomes.at(-1)?.name ?? "nothing"}`);
    }
    return { outcomes, errors, summary };
}

/** Gives the suite what it expects of a page. */
async function awaitPage(search, report) {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    Object.defineProperty(globalThis, "navigator", { value: { gpu: create([]) }, configurable: true });
    Object.assign(globalThis, { location: { search: `?${search}` }, isSecureContext: true, report });
    await import("./gpu-watch.js");
    const finished = new Promise((resolve) => (globalThis.finish = resolve));
    const { load } = await import(new URL("conformance-runtime.js", built));
    const { exports } = await load(fileURLToPath(new URL("conformance.wasm", built)), { nodejs: true });
    exports.main([]);
    return finished;
}

if (process.argv[1] === self) {
    const [search = "", mode = ""] = process.argv.slice(2);
    if (!process.env.VK_ICD_FILENAMES) {
        process.env.VK_ICD_FILENAMES = swiftShader;
    }
    let failed = 0;
    const report = (name, outcome, text) => {
        failed += outcome === "failed";
        if (mode === "--report") {
            console.log(JSON.stringify({ name, outcome, text }));
        } else if (outcome !== "passed") {
            console.log(`${outcome} ${name}: ${text}`);
        }
    };
    const summary = await awaitPage(search, report);
    console.log(mode === "--report" ? JSON.stringify({ summary }) : summary);
    // Dawn keeps the process alive.
    process.exit(failed > 0 ? 1 : 0);
}

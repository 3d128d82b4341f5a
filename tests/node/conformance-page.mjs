// Opens the conformance suite (tests/target/web, built by Maven) in headless Chromium on SwiftShader, and hands back its outcomes.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";

const built = fileURLToPath(new URL("../target/web/", import.meta.url));
const product = fileURLToPath(new URL("../../runtime-web/target/web/", import.meta.url));
/** With these a page is cross-origin isolated and may have threads. */
const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const types = { js: "text/javascript", wasm: "application/wasm" };

const page = `<!doctype html><meta charset="utf-8"><title>conformance</title><script type="module">
    import { load } from "./conformance-runtime.js";
    import { openKernels } from "./crema/kernels.js";
    window.openKernels = openKernels;
    window.report = (name, outcome, text) => reportOutcome(name, outcome, text);
    window.finish = (text) => finishRun(text);
    const { exports } = await load("./conformance.wasm");
    exports.main([]);
</script>`;

function serve() {
    const server = createServer(async (request, response) => {
        const path = new URL(request.url, "http://localhost").pathname.slice(1);
        if (path === "" || path === "favicon.ico") {
            response.writeHead(200, { ...isolation, "content-type": path ? "image/x-icon" : "text/html" }).end(path ? "" : page);
            return;
        }
        try {
            const clean = path.replaceAll("..", "");
            const body = await readFile(clean.startsWith("crema/") ? product + clean.slice(6) : built + clean);
            response.writeHead(200, { ...isolation, "content-type": types[path.split(".").pop()] ?? "application/octet-stream" }).end(body);
        } catch {
            response.writeHead(404).end();
        }
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Runs the suite with these parameters of ConformancePage; `onOutcome` hears of each case as it ends. */
export async function runConformance(parameters, onOutcome = () => {}) {
    const server = await serve();
    const browser = await launch();
    try {
        const tab = await browser.newPage();
        const outcomes = [];
        const errors = [];
        tab.on("console", (message) => message.type() === "error" && errors.push(message.text()));
        tab.on("pageerror", (error) => errors.push(String(error)));
        tab.on("crash", () => errors.push("the page crashed"));
        const done = new Promise((resolve) => {
            tab.exposeFunction("finishRun", resolve);
            tab.on("crash", () => resolve("crashed"));
            tab.on("pageerror", () => resolve("trapped"));
        });
        await tab.exposeFunction("reportOutcome", (name, outcome, text) => {
            outcomes.push({ name, outcome, text });
            onOutcome({ name, outcome, text });
        });
        await tab.addInitScript({ path: fileURLToPath(new URL("gpu-watch.js", import.meta.url)) });
        await tab.goto(`http://localhost:${server.address().port}/?${new URLSearchParams(parameters)}`);
        const summary = await done;
        return { outcomes, errors, summary };
    } finally {
        await browser.close();
        server.close();
    }
}

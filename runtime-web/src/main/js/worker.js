// The worker: Java (crema.wasm) between the page's messages and the model's files. See dev.crema.web.Main for the other side.

import { load as loadWasm } from "./crema-runtime.js";
import { CremaError, downloadFailed } from "./errors.js";
import { openFiles } from "./files.js";
import { openKernels } from "./kernels.js";
import { recall, remember } from "./notes.js";
import { selfTestFiles } from "./selftest.js";
import { EventBatch, LoadProgress, eventLoopTurn } from "./worker-out.js";

const batch = new EventBatch((events) => postMessage({ kind: "events", events }));
let java = null;

self.onmessage = async ({ data }) => {
    switch (data.kind) {
        case "load":
            await start(data).catch(fail);
            break;
        case "request":
            java.request(data.id, data.path, data.body);
            break;
        case "cancel":
            java.cancel(data.id);
            break;
        case "close":
            java?.close();
            postMessage({ kind: "closed" });
            break;
    }
};

// A trap in Wasm can't be caught in Java: the engine is gone then, and the page must hear of it.
self.addEventListener("error", (event) => fail(event.error ?? new Error(event.message)));
self.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fail(event.reason);
});

function fail(thrown) {
    batch.flush();
    postMessage({ kind: "failed", error: CremaError.of(thrown).toJSON() });
}

async function start({ source, options }) {
    const began = performance.now();
    const newProgress = () => new LoadProgress((report) => postMessage({ kind: "progress", progress: report }));
    let progress = newProgress();
    const files = openFiles(source, options.cache, {
        progress: (file, loaded, total) => progress.report("download", file, loaded, total),
        waiting: (file) => progress.report("open", `${file}: another tab is downloading it`, 0, -1),
    });
    progress.report("open", files.name, 0, -1);
    java = await loadJava();
    const compiled = performance.now();
    java.load({
        progress: (phase, what, done, total) => progress.report(phase, what, done, total),
        loaded: (json) => {
            const info = JSON.parse(json);
            info.load = { engineMillis: Math.round(compiled - began), ...info.load, totalMillis: Math.round(performance.now() - began) };
            progress.report("ready", info.model.id, 1, 1);
            postMessage({ kind: "loaded", info });
            settle(files);
        },
        deviceFailed: (json) => {
            batch.flush();
            progress = newProgress();
            postMessage({ kind: "device", event: { state: "failed", error: JSON.parse(json) } });
        },
        deviceReplaced: (json) => {
            progress.report("ready", files.name, 1, 1);
            postMessage({ kind: "device", event: { state: "replaced", device: JSON.parse(json) } });
        },
        failed: (json) => {
            batch.flush();
            postMessage({ kind: "failed", error: JSON.parse(json) });
        },
        reply: (id, json) => batch.add({ id, kind: "reply", json }),
        chunk: (id, json) => batch.add({ id, kind: "chunk", json }),
        done: (id) => batch.add({ id, kind: "done" }),
        error: (id, status, json) => batch.add({ id, kind: "error", json, status }),
        turn: eventLoopTurn,
        openKernels: (threads) => openKernels({ threads }),
        recall,
        selfTestFiles,
        remember,
    }, files, JSON.stringify(options));
}

async function loadJava() {
    try {
        return (await loadWasm(new URL("./crema.wasm", import.meta.url).href, { installImports })).exports;
    } catch (error) {
        if (error instanceof WebAssembly.CompileError && /Content.?Security.?Policy|unsafe-eval/i.test(error.message)) {
            throw new CremaError({ code: "device_unavailable", message: `This page's content security policy forbids WebAssembly: ${error.message}`, status: 503,
                type: "device_error", hint: "Add 'wasm-unsafe-eval' to its script-src, in the headers of the page and of crema's worker.js." });
        }
        if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) {
            throw new CremaError({ code: "device_unavailable", message: `This browser can't run Crema: ${error.message}`, status: 503,
                type: "device_error", hint: "It needs WebAssembly with garbage collection: Chrome or Edge 119, Firefox 120, Safari 18.2, or newer." });
        }
        throw downloadFailed(`crema.wasm could not be loaded: ${error.message}`, "Check the connection and load the page again.", error);
    }
}

/** What is still to be stored does not hold up the first answer. */
function settle(files) {
    files.settle()
        .catch((error) => ({ kind: null, fromCache: false, note: `The model is not kept: ${error.message}` }))
        .then((storage) => postMessage({ kind: "stored", storage }));
}

function installImports(imports) {
    // Java threads start through a timer, which browsers hold back by milliseconds; a message comes at once.
    const { offer } = imports.teavmAsync;
    imports.teavmAsync.offer = (instance, fn, time) => {
        if (time > Date.now()) {
            return offer(instance, fn, time);
        }
        eventLoopTurn().then(() => fn(instance));
        return -1;
    };
    // Without this, awaiting a promise that was rejected with anything but a Java exception never returns.
    const { getJavaException } = imports.teavmJso;
    imports.teavmJso.getJavaException = (error) => (error === null || typeof error !== "object" ? null : getJavaException(error) ?? null);
}

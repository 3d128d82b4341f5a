// Java (crema.wasm), one instance a model: so that unloading a model frees all that it held.

import { load as loadWasm } from "./crema-runtime.js";
import { CremaError, downloadFailed } from "./errors.js";
import { readPackageFile, ready } from "./surroundings.js";
import { eventLoopTurn } from "./worker-out.js";

/** A fresh instance: the functions that dev.crema.web.Main shows. */
export async function loadJava() {
    try {
        await ready;
        const url = new URL("./crema.wasm", import.meta.url);
        return (await loadWasm(url.protocol === "file:" ? await readPackageFile(url) : url.href, { installImports })).exports;
    } catch (error) {
        if (error instanceof WebAssembly.CompileError && /Content.?Security.?Policy|unsafe-eval/i.test(error.message)) {
            throw new CremaError({ code: "device_unavailable", message: `This page's content security policy forbids WebAssembly: ${error.message}`, status: 503,
                type: "device_error", hint: "Add 'wasm-unsafe-eval' to its script-src, in the headers of the page and of crema's worker.js." });
        }
        if (error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError) {
            throw new CremaError({ code: "device_unavailable", message: `WebAssembly here can't run Crema: ${error.message}`, status: 503,
                type: "device_error", hint: "It needs WebAssembly with garbage collection and try_table: Chrome or Edge 137, Firefox 131, Safari 18.4, Node 22, Deno 2.4, or newer." });
        }
        throw downloadFailed(`crema.wasm could not be loaded: ${error.message}`, "Check the connection and load the page again.", error);
    }
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

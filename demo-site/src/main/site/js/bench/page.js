// The bench page: what to measure, the run, the result. The address can say all of it: ?model=URL&device=webgpu&preset=quick
// &sections=prefill,decode&contextLength=4096&tune=off&run=1; programs await `bench`, which resolves with the result of the run.

import { byId, copyText, h } from "../dom.js";
import { showTheme, watchTheme } from "../theme.js";
import { PRESETS, SECTIONS } from "./plan.js";
import { drawReport } from "./report.js";
import { runBench } from "./run.js";

const BUILT_IN = new URL("models/crema-tiny/", document.baseURI).href;
const address = new URLSearchParams(location.search);
let running = null;
let result = null;

function fillForm() {
    byId("preset").append(...Object.entries(PRESETS).map(([value, { label }]) => h("option", { value }, label)));
    byId("preset").value = Object.hasOwn(PRESETS, address.get("preset")) ? address.get("preset") : "quick";
    byId("device").value = address.get("device") ?? "auto";
    byId("model").value = address.get("model") ?? "";
    const wanted = address.get("sections")?.split(",") ?? Object.keys(SECTIONS);
    byId("sections").append(...Object.entries(SECTIONS).map(([name, text]) => h("label.choice", {},
        h("input", { type: "checkbox", name: "section", value: name, checked: wanted.includes(name) }), text)));
}

/** Resolves with the result; rejects where the run fails or is stopped. */
async function run() {
    const stopping = new AbortController();
    running = stopping;
    result = null;
    byId("problem").hidden = true;
    byId("report").replaceChildren();
    showState();
    try {
        const { files, url } = { files: byId("file").files, url: byId("model").value.trim() };
        const sections = [...document.querySelectorAll("[name=section]:checked")].map(({ value }) => value);
        return await runBench({
            source: files.length > 0 ? files[0] : url || BUILT_IN, device: byId("device").value, preset: byId("preset").value, sections,
            contextLength: Number(address.get("contextLength") ?? 0), tune: address.get("tune") ?? "auto", signal: stopping.signal,
        }, show, tell);
    } catch (error) {
        if (!stopping.signal.aborted) {
            byId("problem").replaceChildren(h("strong", {}, error.message), error.hint ? h("p", {}, error.hint) : "");
            byId("problem").hidden = false;
        }
        throw error;
    } finally {
        running = null;
        showState();
    }
}

function show(latest) {
    result = latest;
    byId("report").replaceChildren(...drawReport(latest));
}

function tell(what, fraction) {
    byId("doing").textContent = what;
    byId("progress").value = fraction;
}

function showState() {
    byId("start").hidden = running !== null;
    byId("stop").hidden = running === null;
    byId("fields").disabled = running !== null;
    byId("status").hidden = running === null;
    byId("exports").hidden = running !== null || result === null;
}

function download() {
    const link = h("a", { href: URL.createObjectURL(new Blob([json()], { type: "application/json" })), download: "crema-bench.json" });
    link.click();
    URL.revokeObjectURL(link.href);
}

const json = () => `${JSON.stringify(result, null, 2)}\n`;

// Stopped or failed: the page says so, nobody else waits.
const runAndShow = () => void run().catch(() => null);

fillForm();
watchTheme(byId("toggle-theme"));
showTheme(document.documentElement.dataset.theme);
byId("bench-form").onsubmit = (event) => {
    event.preventDefault();
    runAndShow();
};
byId("stop").onclick = () => running?.abort();
byId("download").onclick = download;
byId("copy").onclick = () => copyText(json(), byId("copy"));
byId("file").onchange = () => (byId("model").disabled = byId("file").files.length > 0);
addEventListener("keydown", (event) => event.key === "Escape" && running?.abort());

showState();
if (address.has("run")) {
    globalThis.bench = run();
    globalThis.bench.catch(() => null);
}

// The dialog about the model: what runs and where, loading another one, and the models that are kept in this browser.

import { deleteCached, listCached } from "../crema/crema.js";
import { byId, formatBytes, formatCount, h, iconButton } from "./dom.js";
import { BUILT_IN } from "./host.js";
import { dialogHead } from "./settings.js";

export class Models {
    #app;
    #dialog = byId("model-dialog");
    #card = h("div.model-card");
    #kept = h("ul.kept");

    /** `app` has host, and the action load. */
    constructor(app) {
        this.#app = app;
        for (const event of ["change", "stored"]) {
            app.host.addEventListener(event, () => this.#dialog.open && this.#drawModel());
        }
    }

    open() {
        this.#draw();
        this.#dialog.showModal();
    }

    #draw() {
        this.#dialog.replaceChildren(dialogHead("model-title", "Model", this.#dialog), h("div.dialog-body", {},
            this.#card, h("h3.section-title", {}, "Load another model"), this.#byUrl(), this.#byFile(),
            h("h3.section-title", {}, "Kept in this browser"), this.#kept));
        this.#drawModel();
    }

    /** The model itself and what is kept; the fields beside them keep what is being written. */
    #drawModel() {
        this.#card.replaceChildren(...this.#facts());
        void this.#drawKept();
    }

    #facts() {
        const { host } = this.#app;
        if (host.state !== "ready") {
            return [h("h3", {}, host.name), host.state === "loading" ? "Loading" : host.error.message];
        }
        const { model, device, load } = host.engine.info;
        const kept = host.storage === null ? "Being stored" : host.storage.kind ? "Yes, it works without network" : `No. ${host.storage.note}`;
        return [h("h3", {}, model.id), h("dl.facts", {}, ...facts({
            "Runs on": `${device.name}, with ${device.kind === "webgpu" ? "WebGPU" : "WebAssembly"}`,
            "Why": device.reason,
            "Features": device.features.join(", "),
            ...(device.selfTest ? { "Self-test": describeSelfTest(device.selfTest) } : {}),
            "Size": `${formatCount(model.parameters)} parameters, ${formatBytes(model.bytes)}, ${model.architecture ?? "unknown architecture"} (${model.format})`,
            "Context": `${model.contextLength.toLocaleString("en")} tokens`,
            "Loaded in": `${(load.totalMillis / 1000).toFixed(2)} s${host.storage?.fromCache ? ", from this browser's store" : ""}`,
            "Kept": kept,
        }))];
    }

    #byUrl() {
        const field = h("input", { type: "url", required: true, placeholder: "https://…/model.gguf", "aria-label": "URL of a GGUF file or of a Hugging Face folder" });
        const form = h("form", { onsubmit: (event) => {
            event.preventDefault();
            this.#load(field.value.trim());
        } }, h("div.url-row", {}, field, h("button.button.primary", { type: "submit" }, "Load")),
        h("small.hint", {}, "A GGUF file (such as Q4_K_M, Q4_0, Q8_0 or F16), or a Hugging Face model page or folder with safetensors. It is downloaded once."));
        return form;
    }

    #byFile() {
        const input = h("input", { type: "file", multiple: true, hidden: true, onchange: () => input.files.length > 0 && this.#load(pick(input.files)) });
        return h("div.file-row", {}, input,
            h("button.button", { type: "button", onclick: () => input.click() }, "Choose a file"),
            !this.#app.host.isBuiltIn && h("button.button", { type: "button", onclick: () => this.#load(BUILT_IN) }, "Built-in model"),
            h("span.hint", {}, "Or drop a file on the page."));
    }

    async #drawKept() {
        const models = await listCached().catch(() => []);
        this.#kept.replaceChildren(...models.map(({ source, bytes, complete }) => h("li", {},
            h("span.name", { title: source }, shortName(source)),
            h("span.size", {}, complete ? formatBytes(bytes) : "incomplete"),
            source !== this.#app.host.source && h("button.button", { type: "button", onclick: () => this.#load(source) }, "Load"),
            iconButton("trash", `Delete ${shortName(source)} from this browser`, async () => {
                await deleteCached(source);
                await this.#drawKept();
            }))));
        if (models.length === 0) {
            this.#kept.append(h("li", {}, "Nothing yet"));
        }
    }

    #load(source) {
        this.#dialog.close();
        this.#app.load(source);
    }
}

/** One file alone, or the files of a folder. */
export function pick(files) {
    return files.length === 1 ? files[0] : Array.from(files);
}

function facts(entries) {
    return Object.entries(entries).filter(([, value]) => value !== "").flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
}

function shortName(source) {
    const { hostname, pathname } = new URL(source);
    const parts = pathname.split("/").filter((part) => part !== "" && part !== "resolve" && part !== "main");
    return `${parts.slice(-2).join("/")}${hostname === location.hostname ? "" : ` · ${hostname}`}`;
}

function describeSelfTest({ remembered, dropped, notes, millis }) {
    const found = dropped.length === 0 ? "The GPU computes right" : `Not used because wrong on this GPU: ${dropped.join("; ")}`;
    return [`${found} (${remembered ? "tested on an earlier visit" : `tested in ${(millis / 1000).toFixed(2)} s`}).`, ...notes].join(" ");
}

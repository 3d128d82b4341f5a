// What the visitor has chosen, kept in this browser, and the dialog to change it.

import { byId, h, iconButton } from "./dom.js";

const KEY = "crema.settings";
const DEFAULTS = { system: "", temperature: "", maxTokens: 512, device: "auto", model: null };

/** Current settings; `change` events tell of new ones, with `detail` naming what changed. */
export const settings = Object.assign(new EventTarget(), { values: { ...DEFAULTS, ...read() } });

function read() {
    try {
        return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch (error) {
        return {};
    }
}

export function changeSettings(changes) {
    const changed = Object.keys(changes).filter((name) => settings.values[name] !== changes[name]);
    Object.assign(settings.values, changes);
    localStorage.setItem(KEY, JSON.stringify(settings.values));
    if (changed.length > 0) {
        settings.dispatchEvent(new CustomEvent("change", { detail: changed }));
    }
}

const DEVICES = [
    ["auto", "Choose for me"],
    ["webgpu", "WebGPU (graphics card)"],
    ["wasm", "WebAssembly (processor)"],
];

/** Builds and opens the dialog; values count when it is saved. */
export function openSettings() {
    const { system, temperature, maxTokens, device } = settings.values;
    const fields = {
        system: h("textarea", { value: system, rows: 3, placeholder: "None", maxLength: 20000 }),
        temperature: h("input", { type: "number", min: 0, max: 2, step: 0.1, value: temperature, placeholder: "The model's own" }),
        maxTokens: h("input", { type: "number", min: 1, max: 100000, step: 1, required: true, value: maxTokens }),
        device: h("select", {}, ...DEVICES.map(([value, text]) => h("option", { value, selected: value === device }, text))),
    };
    const dialog = byId("settings-dialog");
    const form = h("form.dialog-body", { method: "dialog", onsubmit: () => changeSettings(collect(fields)) },
        field("System prompt", fields.system, "Told to the model before every chat."),
        h("div.field-row", {},
            field("Temperature", fields.temperature, "0 always takes the likeliest word, 1 is lively. Empty takes the model's own."),
            field("Longest answer, in tokens", fields.maxTokens, "A token is about three quarters of a word.")),
        field("Run the model on", fields.device, "Changing this loads the model again."),
        h("div.dialog-foot", {},
            h("button.button", { type: "button", onclick: () => reset(fields) }, "Reset"),
            h("button.button.primary", { type: "submit" }, "Save")));
    dialog.replaceChildren(dialogHead("settings-title", "Settings", dialog), form);
    dialog.showModal();
}

function collect(fields) {
    const temperature = fields.temperature.value;
    return {
        system: fields.system.value.trim(),
        temperature: temperature === "" ? "" : Number(temperature),
        maxTokens: Number(fields.maxTokens.value),
        device: fields.device.value,
    };
}

function reset(fields) {
    for (const [name, element] of Object.entries(fields)) {
        element.value = DEFAULTS[name];
    }
}

function field(label, control, hint) {
    return h("label.field", {}, h("span", {}, label), control, h("small", {}, hint));
}

/** The head of a dialog: title and a button that closes it; a click outside closes it too. */
export function dialogHead(id, title, dialog) {
    dialog.onclick = (event) => {
        if (event.target === dialog) {
            dialog.close();
        }
    };
    return h("div.dialog-head", {}, h("h2", { id }, title), iconButton("close", "Close", () => dialog.close()));
}

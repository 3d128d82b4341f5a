// The pill at the top (model, device) and the line under the field (speed, context in use).

import { byId } from "./dom.js";

const DEVICE_NAMES = { webgpu: "WebGPU", wasm: "WebAssembly", reference: "Reference" };

export class Status {
    #app;

    /** `app` has host, chats and generation. */
    constructor(app) {
        this.#app = app;
        app.generation.addEventListener("text", () => this.#showSpeed());
    }

    show() {
        const { host, chats } = this.#app;
        const kind = host.engine?.info.device.kind;
        byId("model-dot").className = `dot ${host.state}`;
        byId("model-name").textContent = host.name;
        byId("model-device").textContent = { loading: "loading", failed: "failed" }[host.state] ?? DEVICE_NAMES[kind] ?? kind;
        byId("open-model").title = host.engine ? [host.engine.info.device.reason, ...(host.engine.info.device.selfTest?.dropped ?? [])].join("\n") : "";
        byId("open-model").setAttribute("aria-label", `Model ${host.name}, ${byId("model-device").textContent}: details and other models`);
        const figures = chats.current.messages.findLast((message) => message.figures)?.figures;
        byId("figures").textContent = figures ? `${figures.tokensPerSecond.toFixed(1)} tokens/s, first after ${figures.firstMillis} ms` : "";
        this.#showContext(figures);
    }

    #showContext(figures) {
        const length = this.#app.host.engine?.info.model.contextLength ?? 0;
        byId("context").hidden = !figures || length === 0;
        if (figures && length > 0) {
            byId("context-meter").value = Math.min(1, figures.contextTokens / length);
            byId("context-text").textContent = `${figures.contextTokens.toLocaleString("en")} of ${length.toLocaleString("en")} tokens`;
        }
    }

    #showSpeed() {
        const { tokens } = this.#app.generation.message;
        byId("figures").textContent = `${tokens} tokens`;
    }
}

// What an empty chat shows: a cup that fills while the model loads, then things to ask; or what went wrong.

import { byId, h, svg } from "./dom.js";
import { describeProgress } from "./host.js";

const SUGGESTIONS = ["Tell me a story about a brave fox.", "What is the capital of France?", "What is 12 plus 7?", "What is the opposite of hot?"];

export class Welcome {
    #app;
    #element = byId("welcome");
    #cup = drawCup();
    #bar = h("progress", { max: 1, "aria-label": "Loading the model" });
    #line = h("span.detail");
    #details = h("div.loading-line", {}, this.#bar, this.#line);

    /** `app` has host, and the actions ask, reload, loadBuiltIn, openModels. */
    constructor(app) {
        this.#app = app;
        app.host.addEventListener("progress", () => this.#showProgress());
    }

    /** Draws for the state of the host; hidden where the chat has messages and the model is well. */
    show(chatIsEmpty) {
        const { host } = this.#app;
        // In a chat with messages, what became of the model stands where the visitor looks: at its end.
        byId("messages")[chatIsEmpty ? "before" : "after"](this.#element);
        this.#element.hidden = !chatIsEmpty && host.state === "ready";
        this.#element.className = `welcome ${host.state}`;
        this.#element.replaceChildren(...(chatIsEmpty ? [this.#cup.element] : []), ...{
            loading: () => this.#loading(chatIsEmpty),
            ready: () => this.#ready(),
            failed: () => this.#failed(),
        }[host.state]());
        if (host.state !== "loading") {
            this.#cup.fill(host.state === "ready" ? 1 : 0);
        }
        this.#showProgress();
    }

    #loading(chatIsEmpty) {
        const lead = "It runs on this device, in this page. What you write stays here.";
        return [chatIsEmpty && h("h2", {}, "One moment, brewing"), chatIsEmpty && h("p.lead", {}, lead), this.#details].filter(Boolean);
    }

    #ready() {
        const { device, model } = this.#app.host.engine.info;
        const place = device.kind === "webgpu" ? "this device's graphics card" : "this device's processor";
        return [
            h("h2", {}, "What can I do for you?"),
            h("p.lead", {}, `${model.id} runs on ${place}, in this page. What you write stays here.`),
            h("div.suggestions", {}, ...SUGGESTIONS.map((text) => h("button.suggestion", { type: "button", onclick: () => this.#app.ask(text) }, text))),
        ];
    }

    #failed() {
        const { host } = this.#app;
        const button = (text, onclick) => h("button.button", { type: "button", onclick }, text);
        return [h("div.problem", { role: "alert" },
            h("strong", {}, host.error.message), host.error.hint && h("p", {}, host.error.hint),
            h("div.way-out", {},
                button("Try again", () => this.#app.reload()),
                !host.isBuiltIn && button("Load the built-in model", () => this.#app.loadBuiltIn()),
                button("Choose another model", () => this.#app.openModels())))];
    }

    #showProgress() {
        const { state, progress } = this.#app.host;
        if (state === "loading") {
            this.#bar.value = progress.fraction;
            this.#line.textContent = describeProgress(progress);
            this.#cup.fill(progress.fraction);
        }
    }
}

/** A cup whose coffee rises with `fill(0..1)`. */
function drawCup() {
    const level = svg("g", { class: "cup-level" },
        svg("rect", { class: "cup-coffee", x: 10, y: 42, width: 70, height: 60 }),
        svg("rect", { class: "cup-foam", x: 10, y: 38, width: 70, height: 7 }));
    const element = svg("svg", { class: "welcome-cup", viewBox: "0 0 104 104", "aria-hidden": "true" },
        svg("clipPath", { id: "cup-clip" }, svg("path", { d: "M18 36h54v26a25 25 0 0 1-25 25h-4a25 25 0 0 1-25-25z" })),
        svg("path", { class: "cup-steam", d: "M36 8c-5 6 5 9 0 16" }),
        svg("path", { class: "cup-steam", d: "M54 8c-5 6 5 9 0 16" }),
        svg("path", { class: "cup-handle", d: "M73 44h7a11 11 0 0 1 0 22h-8" }),
        svg("path", { class: "cup-body", d: "M16 34h58v28a27 27 0 0 1-27 27h-4a27 27 0 0 1-27-27z" }),
        svg("g", { "clip-path": "url(#cup-clip)" }, level));
    return { element, fill: (fraction) => { level.style.transform = `translateY(${(1 - fraction) * 54}px)`; } };
}

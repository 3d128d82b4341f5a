// The field to write in: Enter sends, Shift+Enter starts a line; it grows with the text.

import { byId } from "./dom.js";

export class Composer {
    #app;
    #field = byId("message");
    #send = byId("send");
    #stop = byId("stop");

    /** `app` has host, generation, and the action ask. */
    constructor(app) {
        this.#app = app;
        byId("composer").onsubmit = (event) => {
            event.preventDefault();
            this.#submit();
        };
        this.#field.addEventListener("input", () => this.#fit());
        this.#field.addEventListener("keydown", (event) => {
            // While an input method composes, Enter belongs to it.
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
                event.preventDefault();
                this.#submit();
            }
        });
        this.#stop.onclick = () => {
            app.generation.stop();
            this.focus();
        };
    }

    /** Puts the cursor into the field; not on phones, where that would raise the keyboard over the answer. */
    focus() {
        if (matchMedia("(hover: hover)").matches) {
            this.#field.focus();
        }
    }

    show() {
        const { host, generation } = this.#app;
        this.#stop.hidden = !generation.running;
        this.#send.hidden = generation.running;
        this.#field.placeholder = host.state === "ready" ? `Ask ${host.name}` : host.state === "loading" ? "You can write while the model loads" : "No model is loaded";
        this.#fit();
    }

    #submit() {
        const text = this.#field.value.trim();
        if (text !== "" && this.#app.ask(text)) {
            this.#field.value = "";
            this.#fit();
        }
    }

    #fit() {
        const { host, generation } = this.#app;
        this.#send.disabled = host.state !== "ready" || generation.running || this.#field.value.trim() === "";
        this.#field.style.height = "auto";
        this.#field.style.height = `${this.#field.scrollHeight}px`;
    }
}

// The conversation: messages with what can be done with them.

import { byId, copyText, h, icon, iconButton } from "./dom.js";
import { showMarkdown } from "./markdown.js";

/** Shows the current chat and follows the answer as it grows. */
export class Transcript {
    #app;
    #scroller = byId("transcript");
    #list = byId("messages");
    #toEnd = byId("to-end");
    #follow = true;
    #drawing = false;

    /** `app` has chats, generation, and the actions retry, edit, newChat, openSettings, reload. */
    constructor(app) {
        this.#app = app;
        this.#scroller.addEventListener("scroll", () => this.#noteScroll());
        new ResizeObserver(() => (this.#follow ? this.scrollToEnd() : this.#noteScroll())).observe(this.#scroller);
        this.#toEnd.onclick = () => this.scrollToEnd();
        app.generation.addEventListener("text", () => this.#drawSoon());
    }

    /** Draws all messages. */
    show() {
        const { current } = this.#app.chats;
        this.#list.replaceChildren(...current.messages.map((message, index) => this.#draw(message, index)));
        if (this.#follow) {
            this.scrollToEnd();
        }
    }

    scrollToEnd() {
        this.#follow = true;
        this.#scroller.scrollTop = this.#scroller.scrollHeight;
        this.#noteScroll();
    }

    /** The answer that grows is drawn once a frame, whatever the speed of the model. */
    #drawSoon() {
        if (this.#drawing) {
            return;
        }
        this.#drawing = true;
        requestAnimationFrame(() => {
            this.#drawing = false;
            const { message, running } = this.#app.generation;
            const body = this.#list.lastElementChild?.querySelector(".body");
            if (running && body && this.#app.chats.current.messages.at(-1) === message) {
                showMarkdown(body, message.content);
                if (this.#follow) {
                    this.scrollToEnd();
                }
            }
        });
    }

    #noteScroll() {
        const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
        this.#follow = scrollHeight - scrollTop - clientHeight < 60;
        this.#toEnd.hidden = this.#follow;
    }

    #draw(message, index) {
        return message.role === "user" ? this.#drawUser(message, index) : this.#drawAssistant(message, index);
    }

    #drawUser(message, index) {
        const copy = iconButton("copy", "Copy the message", () => copyText(message.content, copy));
        const item = h("li.message.user", {}, h("span.visually-hidden", {}, "You: "),
            h("div.body", { dir: "auto" }, message.content),
            h("div.after", {}, copy, iconButton("edit", "Edit the message", () => this.#edit(item, message, index))));
        return item;
    }

    #edit(item, message, index) {
        const field = h("textarea", { value: message.content, dir: "auto", "aria-label": "Edit your message" });
        const save = () => field.value.trim() !== "" && this.#app.edit(index, field.value.trim());
        field.onkeydown = (event) => {
            if (event.key === "Escape") {
                event.stopPropagation();
                this.show();
            } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
                event.preventDefault();
                save();
            }
        };
        item.replaceChildren(h("div.editor", {}, field, h("div", {},
            h("button.button", { type: "button", onclick: () => this.show() }, "Cancel"),
            h("button.button.primary", { type: "button", onclick: save }, "Send"))));
        field.style.height = `${Math.min(field.scrollHeight + 4, 320)}px`;
        field.focus();
        field.setSelectionRange(field.value.length, field.value.length);
    }

    #drawAssistant(message, index) {
        const grows = this.#app.generation.running && this.#app.generation.message === message;
        const body = h("div.body", { className: grows ? "body caret" : "body" });
        showMarkdown(body, message.content);
        const item = h("li.message.assistant", { "aria-busy": grows ? "true" : null },
            h("div.avatar", { "aria-hidden": "true" }, icon("cup", "0 0 32 32")), h("div", {}, h("span.visually-hidden", {}, "Crema: "), body));
        if (message.error) {
            item.lastElementChild.append(this.#problem(message.error, index));
        }
        if (!grows) {
            item.append(this.#after(message, index));
        }
        return item;
    }

    #after(message, index) {
        const copy = iconButton("copy", "Copy the answer", () => copyText(message.content, copy));
        const { figures } = message;
        const notes = [
            message.stopped && "stopped",
            message.finish === "length" && (message.contextFull ? "the model's context is full" : "cut at the longest answer"),
            figures && `${figures.tokensPerSecond.toFixed(figures.tokensPerSecond < 10 ? 1 : 0)} tokens/s`,
        ].filter(Boolean);
        return h("div.after", {},
            message.content !== "" && copy,
            iconButton("retry", "Answer again", () => this.#app.retry(index)),
            notes.length > 0 && h("span.note", {}, notes.join(" · ")));
    }

    #problem(error, index) {
        const action = (text, onclick) => h("button.button", { type: "button", onclick }, text);
        const waysOut = {
            context_length_exceeded: [action("Start a new chat", () => this.#app.newChat())],
            device_lost: [action("Load the model again", () => this.#app.reload())],
            closed: [action("Load the model again", () => this.#app.reload())],
        }[error.code] ?? [action("Try again", () => this.#app.retry(index))];
        return h("div.problem", { role: "alert" }, h("strong", {}, error.message), error.hint && h("p", {}, error.hint),
            h("div.way-out", {}, ...waysOut));
    }
}

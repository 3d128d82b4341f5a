// The list of chats.

import { announce, byId, h, iconButton } from "./dom.js";

const narrow = matchMedia("(max-width: 760px)");

export class Sidebar {
    #app;
    #panel = byId("sidebar");
    #list = byId("chat-list");
    #opener = byId("open-sidebar");
    #renaming = null;

    /** `app` has chats, and the actions newChat, selectChat and removeChat. */
    constructor(app) {
        this.#app = app;
        byId("new-chat").onclick = () => app.newChat();
        this.#opener.onclick = () => this.open();
        byId("close-sidebar").onclick = () => this.close();
        byId("scrim").onclick = () => this.close();
        this.#panel.addEventListener("keydown", (event) => {
            if (event.key === "Escape" && this.isOpen) {
                event.stopPropagation();
                this.close();
            }
        });
    }

    get isOpen() {
        return narrow.matches && this.#panel.classList.contains("open");
    }

    /** On narrow screens: slides in. */
    open() {
        this.#panel.classList.add("open");
        this.#opener.setAttribute("aria-expanded", "true");
        byId("close-sidebar").focus();
    }

    close() {
        if (this.isOpen) {
            this.#opener.focus();
        }
        this.#panel.classList.remove("open");
        this.#opener.setAttribute("aria-expanded", "false");
    }

    show() {
        const { list, current } = this.#app.chats;
        this.#list.replaceChildren(...list.map((chat) => this.#draw(chat, chat.id === current.id)));
        this.#list.querySelector("input")?.select();
    }

    #draw(chat, isCurrent) {
        if (this.#renaming === chat.id) {
            return h("li.chat-item", {}, this.#nameField(chat));
        }
        return h("li.chat-item", { className: isCurrent ? "chat-item current" : "chat-item" },
            h("button.chat-open", { type: "button", title: chat.title, "aria-current": isCurrent ? "true" : null,
                onclick: () => this.#app.selectChat(chat.id), ondblclick: () => this.#rename(chat.id) }, chat.title),
            iconButton("edit", `Rename ${chat.title}`, () => this.#rename(chat.id)),
            iconButton("trash", `Delete ${chat.title}`, () => this.#remove(chat)));
    }

    #rename(id) {
        this.#renaming = id;
        this.show();
        this.#list.querySelector("input").focus();
    }

    #nameField(chat) {
        const finish = (title) => {
            if (this.#renaming !== chat.id) {
                return;
            }
            this.#renaming = null;
            title === null ? this.show() : this.#app.chats.rename(chat.id, title);
            this.show();
        };
        return h("input.chat-rename", {
            value: chat.title, maxLength: 120, "aria-label": "Name of the chat",
            onblur: (event) => finish(event.target.value),
            onkeydown: (event) => {
                if (event.key === "Enter") {
                    finish(event.target.value);
                } else if (event.key === "Escape") {
                    event.stopPropagation();
                    finish(null);
                }
            },
        });
    }

    #remove(chat) {
        if (confirm(`Delete "${chat.title}"?`)) {
            this.#app.removeChat(chat.id);
            announce("Chat deleted");
            byId("new-chat").focus();
        }
    }
}

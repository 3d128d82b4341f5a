// Puts the page together: the parts know this object's actions and each other's events, nothing else.

import { Chats } from "./chats.js";
import { Composer } from "./composer.js";
import { announce, byId } from "./dom.js";
import { acceptDrops } from "./drop.js";
import { Generation } from "./generation.js";
import { BUILT_IN, Host } from "./host.js";
import { Models } from "./models.js";
import { openSettings, settings } from "./settings.js";
import { Sidebar } from "./sidebar.js";
import { Status } from "./status.js";
import { showTheme, watchTheme } from "./theme.js";
import { Transcript } from "./transcript.js";
import { Welcome } from "./welcome.js";

const chats = new Chats();
const host = new Host();
const generation = new Generation(host, chats);

const app = {
    chats, host, generation, openSettings,

    /** Sends a message in the current chat; false when that is not possible now. */
    ask(text) {
        if (host.state !== "ready" || generation.running) {
            return false;
        }
        chats.current.messages.push({ role: "user", content: text });
        this.answer();
        return true;
    },

    /** Answers again from message `index` on: what came after is dropped. */
    retry(index) {
        this.answerFrom(index, []);
    },

    /** Replaces the visitor's message `index` and answers it; what came after is dropped. */
    edit(index, text) {
        this.answerFrom(index, [{ role: "user", content: text }]);
    },

    answerFrom(index, replacement) {
        if (host.state === "ready" && !generation.running) {
            chats.current.messages.splice(index, Infinity, ...replacement);
            this.answer();
        }
    },

    answer() {
        transcript.scrollToEnd();
        void generation.answer(chats.current);
        composer.focus();
    },

    removeChat(id) {
        if (generation.running && chats.current.id === id) {
            generation.stop();
        }
        chats.remove(id);
    },

    newChat() {
        generation.stop();
        chats.startNew();
        sidebar.close();
        composer.focus();
    },

    selectChat(id) {
        generation.stop();
        chats.select(id);
        sidebar.close();
        transcript.scrollToEnd();
        composer.focus();
    },

    load(source) {
        generation.stop();
        void host.load(source);
    },

    reload() {
        app.load(host.source);
    },

    loadBuiltIn() {
        app.load(BUILT_IN);
    },

    openModels() {
        models.open();
    },
};

const sidebar = new Sidebar(app);
const transcript = new Transcript(app);
const welcome = new Welcome(app);
const composer = new Composer(app);
const status = new Status(app);
const models = new Models(app);

function show() {
    const { current } = chats;
    byId("chat-title").textContent = current.title;
    document.title = current.messages.length > 0 ? `${current.title} · Crema` : "Crema";
    sidebar.show();
    welcome.show(current.messages.length === 0);
    transcript.show();
    composer.show();
    status.show();
}

chats.addEventListener("change", show);
generation.addEventListener("change", show);
host.addEventListener("change", () => {
    show();
    announce({ loading: "Loading the model", ready: `${host.name} is ready`, failed: host.error?.message }[host.state]);
});
settings.addEventListener("change", ({ detail }) => detail.includes("device") && app.reload());

byId("open-settings").onclick = openSettings;
byId("open-model").onclick = () => models.open();
watchTheme(byId("toggle-theme"));

addEventListener("keydown", (event) => {
    if (event.key === "Escape" && generation.running && !document.querySelector("dialog[open]")) {
        generation.stop();
    } else if (event.altKey && event.code === "KeyN") {
        event.preventDefault();
        app.newChat();
    } else if (event.key === "/" && document.activeElement === document.body) {
        event.preventDefault();
        composer.focus();
    }
});

showTheme(document.documentElement.dataset.theme);
acceptDrops((source) => app.load(source));
void host.load();
await chats.open();
composer.focus();

if ("serviceWorker" in navigator) {
    // Without it (a private window, plain http) the page works, only not without network.
    navigator.serviceWorker.register("sw.js").catch((error) => console.info("No offline use:", error.message));
}

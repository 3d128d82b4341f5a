// The visitor's chats, kept in IndexedDB. A chat: { id, title, messages: [{ role, content, ... }], changedAt }.

const DATABASE = "crema-chats";

/** All chats, newest first, and the one that is shown; `change` events tell of both. */
export class Chats extends EventTarget {
    #database = null;
    #removed = new Set();
    list = [];
    current = fresh();

    /** Reads what is kept. Without storage (private windows) chats live as long as the page. */
    async open() {
        try {
            this.#database = await openDatabase();
            const kept = await ask(this.#store("readonly").getAll());
            this.list = kept.sort((a, b) => b.changedAt - a.changedAt);
        } catch (error) {
            this.#database = null;
        }
        this.#changed();
    }

    /** Shows a fresh chat; it joins the list with its first message. */
    startNew() {
        this.current = fresh();
        this.#changed();
    }

    select(id) {
        this.current = this.list.find((chat) => chat.id === id) ?? this.current;
        this.#changed();
    }

    rename(id, title) {
        const chat = this.list.find((candidate) => candidate.id === id);
        if (chat && title.trim() !== "") {
            chat.title = title.trim();
            chat.named = true;
            this.save(chat);
        }
    }

    remove(id) {
        this.list = this.list.filter((chat) => chat.id !== id);
        this.#removed.add(id);
        this.#store("readwrite")?.delete(id);
        if (this.current.id === id) {
            this.startNew();
        } else {
            this.#changed();
        }
    }

    /** Keeps a chat as it is now and moves it to the top of the list. One that was removed meanwhile stays removed. */
    save(chat) {
        if (this.#removed.has(chat.id)) {
            return;
        }
        chat.changedAt = Date.now();
        const first = chat.messages.find((message) => message.role === "user");
        if (!chat.named && first) {
            chat.title = shorten(first.content);
        }
        this.list = [chat, ...this.list.filter((other) => other.id !== chat.id)];
        this.#store("readwrite")?.put(chat);
        this.#changed();
    }

    /** Keeps what an answer has so far, in case the page goes away before it ends. */
    keep(chat) {
        const store = this.#removed.has(chat.id) ? null : this.#store("readwrite");
        store?.put(chat);
        // At once: a transaction that still waits for more when the page goes away is undone.
        store?.transaction.commit();
    }

    #store(mode) {
        return this.#database?.transaction("chats", mode).objectStore("chats") ?? null;
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}

function fresh() {
    return { id: crypto.randomUUID(), title: "New chat", messages: [], changedAt: Date.now() };
}

function shorten(text) {
    const line = text.trim().split("\n", 1)[0];
    return line.length > 60 ? `${line.slice(0, 58).trimEnd()}…` : line;
}

async function openDatabase() {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("chats", { keyPath: "id" });
    return ask(request);
}

function ask(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

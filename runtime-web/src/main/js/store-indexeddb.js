// The store's folder in IndexedDB, where there is nothing better.

import { PartsFolder } from "./store-parts.js";

const DATABASE = "crema-models";
const STORE = "files";

export class IndexedDbFolder extends PartsFolder {
    static kind = "indexeddb";
    canWrite = true;

    static async open() {
        if (typeof indexedDB === "undefined") {
            return null;
        }
        const opening = indexedDB.open(DATABASE, 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
        return new IndexedDbFolder(new DatabaseEntries(await answer(opening)));
    }
}

class DatabaseEntries {
    #database;

    constructor(database) {
        this.#database = database;
    }

    async get(name) {
        return await answer(this.#store("readonly").get(name)) ?? null;
    }

    /** Resolves once it is safe: a full disk shows when the transaction ends. */
    async put(name, bytes) {
        await this.#change((store) => store.put(new Blob([bytes]), name));
    }

    async delete(name) {
        await this.#change((store) => store.delete(name));
    }

    async names() {
        return answer(this.#store("readonly").getAllKeys());
    }

    #store(mode) {
        return this.#database.transaction(STORE, mode).objectStore(STORE);
    }

    #change(action) {
        return new Promise((resolve, reject) => {
            const transaction = this.#database.transaction(STORE, "readwrite");
            transaction.oncomplete = () => resolve();
            transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("the database refused"));
            action(transaction.objectStore(STORE));
        });
    }
}

function answer(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

// The store's folder in the Cache API, for places without a writable origin private file system.

import { PartsFolder } from "./store-parts.js";

const CACHE = "crema-models";

/** Entries need addresses; this host exists nowhere. */
const HOST = "https://crema.invalid/";

export class CacheFolder extends PartsFolder {
    static kind = "cache";
    canWrite = true;

    static async open() {
        return typeof caches === "undefined" ? null : new CacheFolder(new CacheEntries(await caches.open(CACHE)));
    }
}

class CacheEntries {
    #cache;

    constructor(cache) {
        this.#cache = cache;
    }

    async get(name) {
        const response = await this.#cache.match(HOST + name);
        return response ? response.blob() : null;
    }

    async put(name, bytes) {
        await this.#cache.put(HOST + name, new Response(bytes));
    }

    async delete(name) {
        await this.#cache.delete(HOST + name);
    }

    async names() {
        return (await this.#cache.keys()).map(({ url }) => url.slice(HOST.length));
    }
}

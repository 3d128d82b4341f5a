// The store's folder in the Cache API, for browsers without a writable origin private file system. A file is kept in parts, as an entry of
// the cache is written at once.

const CACHE = "crema-models";
const PART_BYTES = 4 << 20;

/** Entries need addresses; this host exists nowhere. */
const address = (key, part) => `https://crema.invalid/${key}/${part}`;

export class CacheFolder {
    static kind = "cache";
    #cache;

    constructor(cache) {
        this.#cache = cache;
    }

    static async open() {
        return typeof caches === "undefined" ? null : new CacheFolder(await caches.open(CACHE));
    }

    async readManifest(key) {
        const response = await this.#cache.match(address(key, "manifest"));
        return response ? response.json() : null;
    }

    async writeManifest(key, manifest) {
        await this.#cache.put(address(key, "manifest"), Response.json(manifest));
    }

    async openData(key) {
        const parts = await this.#parts(key);
        return new CachedData(parts, parts.reduce((sum, part) => sum + part.size, 0), 0);
    }

    async dataSize(key) {
        const parts = await this.#parts(key);
        const whole = parts.findIndex((part) => part.size !== PART_BYTES);
        return (whole < 0 ? parts.length : whole) * PART_BYTES;
    }

    async appendData(key, from) {
        const parts = (await this.#parts(key)).slice(0, from / PART_BYTES);
        return new CacheWriter(this.#cache, key, parts);
    }

    async remove(key) {
        for (const request of await this.#cache.keys()) {
            if (request.url.startsWith(address(key, ""))) {
                await this.#cache.delete(request);
            }
        }
    }

    async manifests() {
        const requests = (await this.#cache.keys()).filter((request) => request.url.endsWith("/manifest"));
        return Promise.all(requests.map(async (request) => (await this.#cache.match(request)).json()));
    }

    async #parts(key) {
        const parts = [];
        for (;;) {
            const response = await this.#cache.match(address(key, parts.length));
            if (!response) {
                return parts;
            }
            parts.push(await response.blob());
        }
    }
}

/** Blobs of PART_BYTES each as one, with what a reader needs of Blob's interface. */
class CachedData {
    constructor(parts, size) {
        this.parts = parts;
        this.size = size;
    }

    slice(start, end) {
        const pieces = [];
        for (let at = start; at < end;) {
            const part = Math.floor(at / PART_BYTES);
            const stop = Math.min(end, (part + 1) * PART_BYTES);
            pieces.push(this.parts[part].slice(at - part * PART_BYTES, stop - part * PART_BYTES));
            at = stop;
        }
        return new Blob(pieces);
    }
}

/** Gathers bytes into parts; reads those that were written. */
class CacheWriter {
    #cache;
    #key;
    #parts;
    #tail = new Uint8Array(PART_BYTES);
    #tailLength = 0;

    constructor(cache, key, parts) {
        this.#cache = cache;
        this.#key = key;
        this.#parts = parts;
    }

    get size() {
        return this.#parts.length * PART_BYTES + this.#tailLength;
    }

    async write(bytes) {
        for (let done = 0; done < bytes.length;) {
            const count = Math.min(bytes.length - done, PART_BYTES - this.#tailLength);
            this.#tail.set(bytes.subarray(done, done + count), this.#tailLength);
            this.#tailLength += count;
            done += count;
            if (this.#tailLength === PART_BYTES) {
                await this.#put();
                this.#tailLength = 0;
            }
        }
    }

    async read(position, length) {
        const flushed = this.#parts.length * PART_BYTES;
        const fromParts = Math.max(0, Math.min(length, flushed - position));
        const bytes = new Uint8Array(length);
        if (fromParts > 0) {
            const blob = new CachedData(this.#parts, flushed).slice(position, position + fromParts);
            bytes.set(new Uint8Array(await blob.arrayBuffer()));
        }
        if (fromParts < length) {
            const start = Math.max(0, position - flushed);
            bytes.set(this.#tail.subarray(start, start + length - fromParts), fromParts);
        }
        return bytes;
    }

    async close() {
        if (this.#tailLength > 0) {
            await this.#put();
            this.#tailLength = 0;
        }
    }

    async #put() {
        const part = address(this.#key, this.#parts.length);
        await this.#cache.put(part, new Response(this.#tail.slice(0, this.#tailLength)));
        this.#parts.push(await (await this.#cache.match(part)).blob());
    }
}

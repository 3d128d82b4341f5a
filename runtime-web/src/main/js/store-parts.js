// A store's folder over entries that are written at once (of the Cache API, of IndexedDB): a file is kept in parts of one size.

export const PART_BYTES = 4 << 20;

const MANIFEST = "manifest";

/**
 * `entries`: `get(name) -> Blob | null`, `put(name, bytes)`, `delete(name)`, `names() -> string[]`; names are `<key>/<part>` and
 * `<key>/manifest`.
 */
export class PartsFolder {
    #entries;

    constructor(entries) {
        this.#entries = entries;
    }

    async readManifest(key) {
        const kept = await this.#entries.get(`${key}/${MANIFEST}`);
        return kept && parse(await kept.text());
    }

    async writeManifest(key, manifest) {
        await this.#entries.put(`${key}/${MANIFEST}`, new TextEncoder().encode(JSON.stringify(manifest)));
    }

    async openData(key) {
        return new PartsData(await this.#parts(key));
    }

    async dataSize(key) {
        const parts = await this.#parts(key);
        const whole = parts.findIndex((part) => part.size !== PART_BYTES);
        return (whole < 0 ? parts.length : whole) * PART_BYTES;
    }

    async appendData(key, from) {
        return new PartsWriter(this.#entries, key, (await this.#parts(key)).slice(0, from / PART_BYTES));
    }

    async remove(key) {
        for (const name of await this.#entries.names()) {
            if (name.startsWith(`${key}/`)) {
                await this.#entries.delete(name);
            }
        }
    }

    async manifests() {
        const names = (await this.#entries.names()).filter((name) => name.endsWith(`/${MANIFEST}`));
        const found = await Promise.all(names.map((name) => this.readManifest(name.slice(0, -MANIFEST.length - 1))));
        return found.filter((manifest) => manifest !== null);
    }

    async #parts(key) {
        const parts = [];
        for (;;) {
            const part = await this.#entries.get(`${key}/${parts.length}`);
            if (part === null) {
                return parts;
            }
            parts.push(part);
        }
    }
}

/** Blobs of PART_BYTES each as one, with what a reader needs of Blob's interface. */
class PartsData {
    #parts;

    constructor(parts) {
        this.#parts = parts;
        this.size = parts.reduce((sum, part) => sum + part.size, 0);
    }

    slice(start, end) {
        const pieces = [];
        for (let at = start; at < end;) {
            const part = Math.floor(at / PART_BYTES);
            const stop = Math.min(end, (part + 1) * PART_BYTES);
            pieces.push(this.#parts[part].slice(at - part * PART_BYTES, stop - part * PART_BYTES));
            at = stop;
        }
        return new Blob(pieces);
    }
}

/** Gathers bytes into parts; reads those that were written. */
class PartsWriter {
    #entries;
    #key;
    #parts;
    #tail = new Uint8Array(PART_BYTES);
    #tailLength = 0;

    constructor(entries, key, parts) {
        this.#entries = entries;
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
            bytes.set(new Uint8Array(await new PartsData(this.#parts).slice(position, position + fromParts).arrayBuffer()));
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
        const name = `${this.#key}/${this.#parts.length}`;
        await this.#entries.put(name, this.#tail.slice(0, this.#tailLength));
        this.#parts.push(await this.#entries.get(name));
    }
}

/** A manifest that can't be read counts as none. */
function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}

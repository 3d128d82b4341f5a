// Where the bytes of a download are kept while it goes on: `size` bytes from the start of the file can be read again, and at most `reach`
// will ever be.

const MEMORY_BYTES = 64 << 20;

/** The first bytes in memory: headers, small files, and all of a small model. */
export class MemoryKeep {
    #chunks = [];
    size = 0;
    reach = MEMORY_BYTES;

    write(bytes) {
        if (this.size + bytes.length <= this.reach) {
            this.#chunks.push(bytes);
            this.size += bytes.length;
        } else {
            this.reach = this.size;
        }
    }

    read(position, length) {
        const result = new Uint8Array(length);
        let start = 0;
        for (const chunk of this.#chunks) {
            const from = Math.max(position, start);
            const to = Math.min(position + length, start + chunk.length);
            if (from < to) {
                result.set(chunk.subarray(from - start, to - start), from - position);
            }
            start += chunk.length;
        }
        return result;
    }

    /** The kept bytes as a Blob: how a file that is small and not stored is read from then on. */
    toBlob() {
        return new Blob(this.#chunks);
    }

    close() { }
}

/** A file of the store. When the store fails (it is full), what was written stays readable and the download goes on without it. */
export class StoreKeep {
    #writer;
    #onFailure;
    reach = Infinity;

    constructor(writer, onFailure) {
        this.#writer = writer;
        this.#onFailure = onFailure;
        this.size = writer.size;
    }

    async write(bytes) {
        if (this.reach !== Infinity) {
            return;
        }
        try {
            await this.#writer.write(bytes);
            this.size += bytes.length;
        } catch (error) {
            this.#fail(error, this.size);
        }
    }

    /** Null where the store does not have what it took: a full disk may show only then. */
    async read(position, length) {
        try {
            return await this.#writer.read(position, length);
        } catch (error) {
            this.#fail(error, 0);
            return null;
        }
    }

    async close() {
        await this.#writer.close();
    }

    #fail(error, size) {
        this.size = this.reach = size;
        this.#onFailure(error);
    }
}

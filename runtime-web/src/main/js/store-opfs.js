// The store's folder in the origin private file system. Writing takes a worker (createSyncAccessHandle); reading goes through File objects,
// which any number of tabs may have open.

const FOLDER = "crema-models";

/** A crash may leave the last writes unwritten: that much of a partial file is fetched again. */
const UNSURE_BYTES = 1 << 20;

export class OpfsFolder {
    static kind = "opfs";
    #directory;
    /** Only a dedicated worker may write as it goes; pages, shared and service workers read. */
    canWrite = "createSyncAccessHandle" in FileSystemFileHandle.prototype;

    constructor(directory) {
        this.#directory = directory;
    }

    /** The folder, or null where this browser has none. */
    static async open() {
        if (typeof FileSystemFileHandle === "undefined" || !navigator.storage?.getDirectory) {
            return null;
        }
        const root = await navigator.storage.getDirectory();
        return new OpfsFolder(await root.getDirectoryHandle(FOLDER, { create: true }));
    }

    async readManifest(key) {
        const file = await this.#file(`${key}.json`);
        return file && parse(await file.text());
    }

    async writeManifest(key, manifest) {
        const handle = await this.#access(`${key}.json`);
        try {
            const bytes = new TextEncoder().encode(JSON.stringify(manifest));
            handle.truncate(0);
            handle.write(bytes, { at: 0 });
            handle.flush();
        } finally {
            handle.close();
        }
    }

    async openData(key) {
        return this.#file(`${key}.bin`);
    }

    async dataSize(key) {
        const file = await this.#file(`${key}.bin`);
        return Math.max(0, (file?.size ?? 0) - UNSURE_BYTES);
    }

    async appendData(key, from) {
        const handle = await this.#access(`${key}.bin`);
        handle.truncate(from);
        return new OpfsWriter(handle, from);
    }

    async remove(key) {
        for (const name of [`${key}.json`, `${key}.bin`]) {
            await this.#directory.removeEntry(name).catch((error) => {
                if (error.name !== "NotFoundError") {
                    throw error;
                }
            });
        }
    }

    async manifests() {
        const found = [];
        for await (const name of this.#directory.keys()) {
            const manifest = name.endsWith(".json") ? await this.readManifest(name.slice(0, -".json".length)) : null;
            if (manifest) {
                found.push(manifest);
            }
        }
        return found;
    }

    async #file(name) {
        try {
            return await (await this.#directory.getFileHandle(name)).getFile();
        } catch (error) {
            if (error.name === "NotFoundError") {
                return null;
            }
            throw error;
        }
    }

    async #access(name) {
        return (await this.#directory.getFileHandle(name, { create: true })).createSyncAccessHandle();
    }
}

/** Appends to a file and reads what has been appended. */
class OpfsWriter {
    #handle;

    constructor(handle, size) {
        this.#handle = handle;
        this.size = size;
    }

    write(bytes) {
        for (let done = 0; done < bytes.length;) {
            const written = this.#handle.write(done === 0 ? bytes : bytes.subarray(done), { at: this.size });
            if (written === 0) {
                throw new DOMException("no space left", "QuotaExceededError");
            }
            done += written;
            this.size += written;
        }
    }

    read(position, length) {
        const bytes = new Uint8Array(length);
        const count = this.#handle.read(bytes, { at: position });
        if (count !== length) {
            throw new Error(`read ${count} of ${length} bytes at ${position} of a stored file`);
        }
        return bytes;
    }

    /** Ends writing; what was written stays. */
    close() {
        if (this.#handle) {
            this.#handle.flush();
            this.#handle.close();
            this.#handle = null;
        }
    }
}

/** A manifest that was cut short by a crash counts as none. */
function parse(text) {
    try {
        return JSON.parse(text);
    } catch (error) {
        return null;
    }
}

// A model on this computer's disk, where there is a file system: Node and Deno.

import { BlobFile } from "./blob-file.js";
import { CremaError } from "./errors.js";
import { checkHash } from "./hashes.js";
import { nodeModule } from "./surroundings.js";

/** A path as a URL; that of a folder ends in `/`. What is no path that exists is left to whoever opens it. */
export function fileUrl(text) {
    const { pathToFileURL } = nodeModule("url");
    const url = /^file:/i.test(text) ? new URL(text) : pathToFileURL(nodeModule("path").resolve(text));
    const isFolder = nodeModule("fs").statSync(url, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (isFolder && !url.pathname.endsWith("/")) {
        url.pathname += "/";
    }
    return url;
}

/** A GGUF file with what lies beside it (its other parts, if it is split), or a Hugging Face folder. */
export class LocalFiles {
    #folder;
    #handles = [];
    #hashes;

    constructor({ url, folder, hashes }) {
        this.#hashes = hashes ?? {};
        const address = new URL(url);
        this.#folder = new URL(".", address);
        this.name = folder ? decodeURIComponent(address.pathname.split("/").at(-2)) : decodeURIComponent(address.pathname.split("/").at(-1));
        this.names = folder ? filesIn(address) : [this.name];
    }

    async open(name) {
        const { open } = nodeModule("fs/promises");
        const file = new URL(encodeURIComponent(name), this.#folder);
        const handle = await open(file, "r").catch((error) => {
            if (error.code === "ENOENT" && name !== this.name) {
                return null;
            }
            throw unreadable(nodeModule("url").fileURLToPath(file), error);
        });
        if (handle === null) {
            return null;
        }
        this.#handles.push(handle);
        const parts = new FileParts(handle, (await handle.stat()).size);
        if (this.#hashes[name]) {
            await checkHash(name, parts, this.#hashes[name]);
        }
        return new BlobFile(name, parts);
    }

    async settle() {
        return { kind: null, fromCache: false, note: "The model is read from the disk." };
    }

    async close() {
        const handles = this.#handles;
        this.#handles = [];
        await Promise.all(handles.map((handle) => handle.close().catch(() => { /* it is closed */ })));
    }
}

function filesIn(folder) {
    try {
        return nodeModule("fs").readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    } catch (error) {
        throw unreadable(nodeModule("url").fileURLToPath(folder), error);
    }
}

function unreadable(path, error) {
    const missing = error.code === "ENOENT";
    return new CremaError({
        code: missing ? "not_found" : "storage_failed", message: missing ? `There is no ${path}.` : `${path} can't be read: ${error.message}`,
        hint: "Give the path of a GGUF file, or of a folder that has config.json in it.", param: "source", status: missing ? 404 : 507,
        type: "invalid_request_error", cause: error,
    });
}

/** As much of a Blob as BlobFile uses. */
class FileParts {
    #handle;

    constructor(handle, size) {
        this.#handle = handle;
        this.size = size;
    }

    slice(from, to) {
        return { arrayBuffer: () => this.#read(from, Math.min(to, this.size) - from) };
    }

    async #read(position, length) {
        const bytes = new Uint8Array(length);
        for (let at = 0; at < length;) {
            const { bytesRead } = await this.#handle.read(bytes, at, length - at, position + at);
            if (bytesRead === 0) {
                throw new Error(`the file ends at ${position + at}, it had ${this.size} bytes when it was opened`);
            }
            at += bytesRead;
        }
        return bytes.buffer;
    }
}

// The files of one model, as dev.crema.web.storage.WebFiles sees them: `name`, `names`, `open(name)`; a file has `length`, `read`, `stream`.

import { BlobFile } from "./blob-file.js";
import { NetworkFiles } from "./files-network.js";
import { checkHash } from "./hashes.js";
import { LocalFiles } from "./local-files.js";

/**
 * Opens what describeSource described. `events.progress(file, loaded, total)` hears of the network, `events.space` of the store's room. A file that
 * `source.hashes` has a SHA-256 of is whole, and right, before it is used. The result's `settle()` waits until
 * what was loaded is stored, and tells `{ kind, fromCache, note }`; `close()` ends what is under way. `signal` aborts it.
 */
export function openFiles(source, cache, events, signal = new AbortController().signal) {
    if (source.files) {
        return new PickedFiles(source.files, source.hashes ?? {});
    }
    return source.url.startsWith("file:") ? new LocalFiles(source) : new NetworkFiles(source, cache, events, signal);
}

/** Files that the user picked or dropped. */
class PickedFiles {
    #blobs;
    #hashes;

    constructor(files, hashes) {
        this.#hashes = hashes;
        this.#blobs = new Map(files.map(({ name, blob }) => [name, blob]));
        this.names = [...this.#blobs.keys()];
        this.name = this.names.find((name) => /\.(gguf|safetensors)$/i.test(name)) ?? this.names[0];
    }

    async open(name) {
        const blob = this.#blobs.get(name);
        if (blob && this.#hashes[name]) {
            await checkHash(name, blob, this.#hashes[name]);
        }
        return blob ? new BlobFile(name, blob) : null;
    }

    async settle() {
        return { kind: null, fromCache: false, note: "The model is read from the file that you chose." };
    }

    async close() { }
}

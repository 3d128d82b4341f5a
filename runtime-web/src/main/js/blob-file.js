// A file that is wholly here: picked by the user, or in the store.

import { storageFailed } from "./errors.js";

const READ_BYTES = 4 << 20;

/** Reads parts of a Blob. */
export class BlobFile {
    #blob;

    constructor(name, blob) {
        this.name = name;
        this.#blob = blob;
        this.length = blob.size;
    }

    async read(position, length) {
        try {
            return new Uint8Array(await this.#blob.slice(position, position + length).arrayBuffer());
        } catch (error) {
            throw storageFailed(`${this.name} can't be read at ${position}: ${error.message}`,
                "It was changed or removed since it was opened; load the model again.", error);
        }
    }

    /** Reads one piece ahead, so that the store works while the device takes the piece before. */
    stream(position, length) {
        const end = position + length;
        const piece = () => {
            const count = Math.min(READ_BYTES, end - position);
            const bytes = count > 0 ? this.read(position, count) : Promise.resolve(null);
            bytes.catch(() => { /* whoever asks for the piece hears of it */ });
            position += count;
            return bytes;
        };
        let ahead = piece();
        return {
            next: () => {
                const current = ahead;
                ahead = current.then((bytes) => (bytes === null ? null : piece()));
                ahead.catch(() => { /* as above */ });
                return current;
            },
        };
    }
}

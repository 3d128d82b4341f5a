// Models kept in the browser, so that a second visit needs no network. One data file and one manifest for each model file; a file counts
// as there only when its manifest says "complete", which is written last.

import { storageFailed } from "./errors.js";
import { withTimeout } from "./http-range.js";
import { hashOf } from "./sha256.js";
import { CacheFolder } from "./store-cache.js";
import { IndexedDbFolder } from "./store-indexeddb.js";
import { OpfsFolder } from "./store-opfs.js";
import { urlOf } from "./source.js";

const IMPORT_BYTES = 4 << 20;

/** The best first. */
const KINDS = [OpfsFolder, CacheFolder, IndexedDbFolder];

/**
 * Opens the store: written to is the first kind that works here of the origin private file system, the Cache API and IndexedDB, and read from
 * are all; null with the reason where none works. `cache` is the option of createEngine: true for the best there is, a kind's name
 * for this one alone, false for none.
 */
export async function openStore(cache) {
    if (cache === false) {
        return { store: null, reason: "The cache is switched off." };
    }
    let reason = "This browser offers no storage here.";
    const opened = await folders(cache === true ? KINDS : KINDS.filter(({ kind }) => kind === cache), (error) => {
        reason = `Storage is not available: ${error.message}`;
    });
    const writable = opened.find(({ canWrite }) => canWrite);
    return writable ? { store: new ModelStore(writable, opened), reason: "" } : { store: null, reason };
}

/** Manifests and data of files by URL, over folders of any kind. */
class ModelStore {
    /** New files go here. */
    #folder;
    #all;

    constructor(folder, all) {
        this.#folder = folder;
        this.#all = all;
        this.kind = folder.constructor.kind;
    }

    /**
     * The manifest of a URL's file: `{ url, source, size, etag, modified, sha256, state: "complete" | "partial" | "missing" }`, or null. What is
     * partial is of use only where it can be gone on with.
     */
    async find(url) {
        const key = await keyOf(url);
        let partial = null;
        for (const folder of this.#all) {
            const manifest = await folder.readManifest(key);
            if (manifest?.url === url && manifest.state !== "partial") {
                return manifest;
            }
            partial ??= manifest?.url === url && folder === this.#folder ? manifest : null;
        }
        return partial;
    }

    /** A complete file as a Blob-like `{ size, slice }`, or null where its data is gone or has another size than the manifest says. */
    async open(manifest) {
        const key = await keyOf(manifest.url);
        for (const folder of this.#all) {
            const data = await folder.openData(key);
            if (data && data.size === manifest.size) {
                return data;
            }
        }
        return null;
    }

    /** A writer that appends to the data of `manifest`, from byte `from` on; what stands behind `from` is dropped. */
    async writer(manifest, from) {
        const key = await keyOf(manifest.url);
        await this.#folder.writeManifest(key, { ...manifest, state: "partial" });
        return this.#folder.appendData(key, from);
    }

    /** Bytes of a partial download that are safe to go on from. */
    async partialSize(manifest) {
        return this.#folder.dataSize(await keyOf(manifest.url));
    }

    /** The first `size` bytes of a partial download, Blob-like. */
    async partialData(manifest) {
        return this.#folder.openData(await keyOf(manifest.url));
    }

    async complete(manifest) {
        await this.#folder.writeManifest(await keyOf(manifest.url), { ...manifest, state: "complete", savedAt: Date.now() });
    }

    /** Remembers that the server has no such file, so that a visit without network need not ask. */
    async missing(url, source) {
        await this.#folder.writeManifest(await keyOf(url), { url, source, size: 0, state: "missing", savedAt: Date.now() });
    }

    async forget(url) {
        const key = await keyOf(url);
        for (const folder of this.#all) {
            await folder.remove(key);
        }
    }
}

/** The kinds of storage that work here, the best first. */
export async function folderKinds() {
    return (await folders()).map((folder) => folder.constructor.kind);
}

/** Models in the store, newest first: `{ source, bytes, files, complete, savedAt }`. */
export async function listCached() {
    const models = new Map();
    for (const folder of await folders()) {
        for (const { state, source, size, savedAt = 0 } of await folder.manifests()) {
            const model = models.get(source) ?? { source, bytes: 0, files: 0, complete: true, savedAt: 0 };
            models.set(source, model);
            model.complete &&= state !== "partial";
            model.files += state === "complete" ? 1 : 0;
            model.bytes += state === "complete" ? size : 0;
            model.savedAt = Math.max(model.savedAt, savedAt);
        }
    }
    return [...models.values()].sort((a, b) => b.savedAt - a.savedAt);
}

/** Removes the model that was loaded from `source` (as listCached names it), or all; returns the number of files removed. */
export async function deleteCached(source) {
    const wanted = source === undefined ? null : addressOf(source);
    let removed = 0;
    for (const folder of await folders()) {
        for (const manifest of await folder.manifests()) {
            if (wanted === null || manifest.source === wanted) {
                await folder.remove(await keyOf(manifest.url));
                removed++;
            }
        }
    }
    return removed;
}

/** The files of a model that is kept, whole ones only, to be saved or given to createEngine elsewhere. */
export async function exportCached(source) {
    const wanted = addressOf(source);
    const files = new Map();
    for (const folder of await folders()) {
        for (const { url, source: from, state, size } of await folder.manifests()) {
            const data = from === wanted && state === "complete" ? await folder.openData(await keyOf(url)) : null;
            if (data?.size === size) {
                const name = decodeURIComponent(url.slice(url.lastIndexOf("/") + 1));
                files.set(url, new File([data.slice(0, size)], name));
            }
        }
    }
    return [...files.values()];
}

/** Keeps files as those of the model at `source`, so that it loads without network; resolves with their bytes. */
export async function importCached(source, files) {
    const address = addressOf(source);
    const { store, reason } = await openStore(true);
    if (store === null) {
        throw storageFailed(`The files can't be kept. ${reason}`, "Load them with createEngine instead.");
    }
    let bytes = 0;
    for (const file of files) {
        const url = address.endsWith("/") ? new URL(encodeURIComponent(file.name), address).href : address;
        const manifest = { url, source: address, size: file.size, etag: null, modified: null, sha256: await hashOf(file) };
        try {
            const writer = await store.writer(manifest, 0);
            for (let at = 0; at < file.size; at += IMPORT_BYTES) {
                await writer.write(new Uint8Array(await file.slice(at, at + IMPORT_BYTES).arrayBuffer()));
            }
            await writer.close();
            await store.complete(manifest);
        } catch (error) {
            await store.forget(url);
            throw storageFailed(`${file.name} (${file.size} bytes) can't be kept: ${error.message}`, "Free some space.", error);
        }
        bytes += file.size;
    }
    return bytes;
}

/** Asks the browser to keep this site's storage when space runs short; resolves with whether it will. */
export async function persistStorage() {
    return await navigator.storage?.persist?.() ?? false;
}

/** The address that a source is kept under. */
function addressOf(source) {
    return urlOf(String(source)).url;
}

/** Those that work here. One that does not answer counts as broken: a model that is not kept is better than one that never loads. */
async function folders(kinds = KINDS, onError = () => { }) {
    const opened = await Promise.all(kinds.map((kind) => withTimeout(kind.open(), `the browser did not open ${kind.kind}`).catch((error) => {
        onError(error);
        return null;
    })));
    return opened.filter((folder) => folder !== null);
}

/** A file name for a URL: the first 32 hex digits of its SHA-256. */
async function keyOf(url) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(url)));
    return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

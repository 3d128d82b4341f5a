// Models kept in the browser, so that a second visit needs no network. One data file and one manifest for each model file; a file counts
// as there only when its manifest says "complete", which is written last.

import { CacheFolder } from "./store-cache.js";
import { OpfsFolder } from "./store-opfs.js";

/**
 * Opens the store: the origin private file system, else the Cache API, else null with the reason. `cache` is the option of createEngine:
 * true for the best there is, "opfs" or "cache" for this one, false for none.
 */
export async function openStore(cache) {
    if (cache === false) {
        return { store: null, reason: "The cache is switched off." };
    }
    const kinds = [OpfsFolder, CacheFolder].filter((kind) => cache === true || kind.kind === cache);
    let reason = "This browser offers no storage here.";
    for (const kind of kinds) {
        try {
            const folder = await kind.open();
            if (folder) {
                return { store: new ModelStore(folder), reason: "" };
            }
        } catch (error) {
            reason = `Storage is not available: ${error.message}`;
        }
    }
    return { store: null, reason };
}

/** Manifests and data of files by URL, over a folder of either kind. */
class ModelStore {
    constructor(folder) {
        this.folder = folder;
        this.kind = folder.constructor.kind;
    }

    /** The manifest of a URL's file: `{ url, source, size, etag, modified, state: "complete" | "partial" | "missing" }`, or null. */
    async find(url) {
        const manifest = await this.folder.readManifest(await keyOf(url));
        return manifest?.url === url ? manifest : null;
    }

    /** A complete file as a Blob-like `{ size, slice }`, or null where its data is gone or has another size than the manifest says. */
    async open(manifest) {
        const data = await this.folder.openData(await keyOf(manifest.url));
        return data && data.size === manifest.size ? data : null;
    }

    /** A writer that appends to the data of `manifest`, from byte `from` on; what stands behind `from` is dropped. */
    async writer(manifest, from) {
        const key = await keyOf(manifest.url);
        await this.folder.writeManifest(key, { ...manifest, state: "partial" });
        return this.folder.appendData(key, from);
    }

    /** Bytes of a partial download that are safe to go on from. */
    async partialSize(manifest) {
        return this.folder.dataSize(await keyOf(manifest.url));
    }

    async complete(manifest) {
        await this.folder.writeManifest(await keyOf(manifest.url), { ...manifest, state: "complete", savedAt: Date.now() });
    }

    /** Remembers that the server has no such file, so that a visit without network need not ask. */
    async missing(url, source) {
        await this.folder.writeManifest(await keyOf(url), { url, source, size: 0, state: "missing", savedAt: Date.now() });
    }

    async forget(url) {
        await this.folder.remove(await keyOf(url));
    }
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
    const wanted = source === undefined ? null : new URL(source, globalThis.document?.baseURI ?? globalThis.location?.href).href;
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

async function folders() {
    const opened = await Promise.all([OpfsFolder, CacheFolder].map((kind) => kind.open().catch(() => null)));
    return opened.filter((folder) => folder !== null);
}

/** A file name for a URL: the first 32 hex digits of its SHA-256. */
async function keyOf(url) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(url)));
    return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The files of a model at a URL: from the store if they are there, else from the network through the store.

import { BlobFile } from "./blob-file.js";
import { Download } from "./download.js";
import { downloadFailed, storageFailed } from "./errors.js";
import { HashCheck, hasHash } from "./hashes.js";
import { firstRequest } from "./first-request.js";
import { STALL_MILLIS, isSameFile, withTimeout } from "./http-range.js";
import { MemoryKeep, StoreKeep } from "./keep.js";
import { deleteCached, openStore } from "./store.js";

/** A GGUF file or a Hugging Face folder behind HTTP. */
export class NetworkFiles {
    #url;
    #folder;
    #events;
    #opened;
    #files = new Map();
    #note = "";
    #usedNetwork = false;
    #missing = [];
    #fromStore = [];
    #signal;
    #hashes;
    #mustKeep;

    constructor({ url, folder, hashes, mustKeep = false }, cache, events, signal) {
        this.#hashes = hashes ?? {};
        this.#mustKeep = mustKeep;
        this.#signal = signal;
        this.#url = url;
        this.#folder = folder;
        this.#events = events;
        this.#opened = openStore(cache).then(({ store, reason }) => {
            this.#note = reason;
            return store;
        });
        this.name = nameOf(url, folder);
        this.names = folder ? null : [this.name];
    }

    /** The file, or null where a folder has none of that name. */
    open(name) {
        if (!this.#files.has(name)) {
            this.#files.set(name, this.#open(name));
        }
        return this.#files.get(name);
    }

    /** Waits for the rest of what was opened to be stored; called once the model runs. */
    async settle() {
        const store = await this.#opened;
        for (const file of this.#files.values()) {
            await (await file)?.finish?.();
        }
        if (store) {
            for (const url of this.#missing) {
                await store.missing(url, this.#url);
            }
        }
        if (navigator.onLine !== false) {
            void this.#revalidate();
        }
        const stored = store !== null && this.#note === "";
        return { kind: stored ? store.kind : null, fromCache: !this.#usedNetwork, note: stored ? "" : this.#note };
    }

    /** Lets go of files that are half here, and of the locks on them: the next load goes on from there. */
    async close() {
        for (const file of this.#files.values()) {
            await file.then((opened) => opened?.close?.(), () => { /* whoever opened it has heard */ });
        }
    }

    async #open(name) {
        // Beside a file there may be the other parts of a split model.
        const url = this.#folder || name !== this.name ? new URL(encodeURIComponent(name), this.#url).href : this.#url;
        const store = await this.#opened;
        const kept = store && await this.#openStored(store, url, name);
        if (kept !== undefined && kept !== null) {
            return kept.file;
        }
        const release = store ? await lock(`crema-model ${url}`, () => this.#events.waiting(name)) : () => { };
        try {
            const since = store && await this.#openStored(store, url, name);
            if (since) {
                release();
                return since.file;
            }
            return await this.#connect(store, url, name, release);
        } catch (error) {
            release();
            throw error;
        }
    }

    /** `{ file }` when the store knows the file (null when it knows that there is none), else null. */
    async #openStored(store, url, name) {
        const manifest = await store.find(url);
        if (manifest?.state === "missing") {
            return { file: null };
        }
        const blob = manifest?.state === "complete" ? await store.open(manifest) : null;
        if (!blob) {
            return null;
        }
        const expected = this.#hashes[fileName(url)];
        if (expected && manifest.sha256 !== expected && !await hasHash(blob, expected)) {
            await store.forget(url);
            return null;
        }
        this.#fromStore.push(manifest);
        return { file: new BlobFile(name, blob) };
    }

    async #connect(store, url, name, release) {
        const partial = store && await store.find(url);
        const from = partial?.state === "partial" ? await store.partialSize(partial) : 0;
        let answer = await this.#request(url, name, from);
        if (answer !== null && from > 0 && !(answer.from === from && isSurelySame(answer, partial))) {
            await answer.body.cancel();
            answer = await this.#request(url, name, 0);
        }
        if (answer === null) {
            release();
            return null;
        }
        this.#usedNetwork = true;
        const file = new NetworkFile({ url, name, source: this.#url, store, answer, release, events: this.#events, signal: this.#signal,
            expected: this.#hashes[fileName(url)] ?? null, mustKeep: this.#mustKeep,
            onNote: (note) => { this.#note = note; } });
        await file.begin();
        return file;
    }

    /** The server's answer, or null where it has no such file in the folder. */
    async #request(url, name, from) {
        try {
            const answer = await firstRequest(url, name, from, this.#signal);
            if (!isPage(answer)) {
                return answer;
            }
            await answer.body.cancel();
            if (this.#folder && name !== "config.json") {
                return null; // Some servers show their start page for whatever they do not have.
            }
            throw downloadFailed(`${url} answered with a web page, not with ${this.#folder ? "a model's config.json" : "a model"}.`,
                "Give the address of the file itself: on huggingface.co that of the download button (…/resolve/main/…). "
                + "Some sites show such a page where one has to sign in first.");
        } catch (error) {
            if (this.#folder && (error.httpStatus === 404 || error.httpStatus === 410)) {
                this.#missing.push(url);
                return null;
            }
            if (from > 0 && error.httpStatus === 416) {
                return this.#request(url, name, 0);
            }
            throw error;
        }
    }

    /** Asks whether what came from the store is still what the server has; if not, the next visit loads it anew. */
    async #revalidate() {
        for (const manifest of this.#fromStore) {
            const response = await fetch(manifest.url, { method: "HEAD", signal: AbortSignal.timeout(STALL_MILLIS) }).catch(() => null);
            const now = response?.ok && { etag: response.headers.get("etag"), modified: response.headers.get("last-modified"), total: -1 };
            if (now && !isSameFile(now, { ...manifest, total: -1 })) {
                await deleteCached(this.#url);
                return;
            }
        }
    }
}

/** One file on its way into the store (or past it). Once it is complete it is read from where it is kept. */
class NetworkFile {
    #given;
    #keep;
    #download;
    #stored = null;
    #finishing = null;
    #hash;

    constructor(given) {
        this.#given = given;
        this.name = given.name;
        this.#hash = given.expected === null ? null : new HashCheck(given.name, given.expected);
    }

    get length() {
        return this.#download.length;
    }

    /** Starts to keep what comes. Small files are fetched whole, those whose length only their end tells, and those with a hash to check. */
    async begin() {
        const { url, name, answer, events, store, signal } = this.#given;
        this.#keep = store ? await this.#openKeep() : new MemoryKeep();
        if (this.#hash !== null && this.#keep.size < answer.from) {
            await this.#keep.close();
            throw storageFailed(`The first ${answer.from} bytes of ${name} are in a store that takes no more, so its SHA-256 can't be checked.`,
                "Free some space, or remove the model (deleteCached) and load it again.");
        }
        await this.#hash?.resume(this.#keep, answer.from);
        this.#download = new Download(url, name, answer, this.#keep, signal, (loaded, total, bytes) => {
            this.#hash?.update(bytes);
            events.progress(name, loaded, total);
        });
        if (this.#hash !== null || this.length < 0 || !/\.(gguf|safetensors)$/i.test(name)) {
            await this.finish();
        }
    }

    read(position, length) {
        return (this.#stored ?? this.#download).read(position, length);
    }

    stream(position, length) {
        return (this.#stored ?? this.#download).stream(position, length);
    }

    finish() {
        this.#finishing ??= this.#finish();
        return this.#finishing;
    }

    /** Ends the download where it is; what has come stays. A file that is whole already stays open. */
    async close() {
        if (this.#stored === null && this.#finishing === null) {
            this.#finishing = Promise.resolve();
            await this.#abandon();
        }
    }

    async #abandon() {
        try {
            await this.#download?.close();
            await this.#keep?.close();
        } finally {
            this.#given.release();
        }
    }

    async #openKeep() {
        const { url, name, source, store, answer, events, mustKeep, onNote } = this.#given;
        const { quota = Infinity, usage = 0 } = await estimate();
        const fits = answer.total - answer.from <= quota - usage;
        events.space?.({ file: name, neededBytes: Math.max(0, answer.total - answer.from), availableBytes: quota - usage, fits });
        if (!fits) {
            const room = `The browser's storage has ${megabytes(quota - usage)} MB left of the ${megabytes(answer.total)} MB needed`;
            if (mustKeep) {
                throw storageFailed(`${room} for ${name}.`, "Free some space (deleteCached), or load it without mustKeep: then it is not kept.");
            }
            onNote(`${room}; the model is not kept.`);
            return new MemoryKeep();
        }
        try {
            const opening = store.writer({ url, source, size: answer.total, etag: answer.etag, modified: answer.modified }, answer.from);
            const writer = await withTimeout(opening, `the browser did not open ${store.kind}'s file`, () => {
                opening.then((late) => late.close(), () => { /* the same as none */ });
            });
            return new StoreKeep(writer, (error) => this.#notKept(error));
        } catch (error) {
            this.#notKept(error);
            return new MemoryKeep();
        }
    }

    async #finish() {
        try {
            await this.#download.finish();
            await this.#checkHash();
            const blob = this.#keep instanceof StoreKeep ? await this.#intoStore()
                : this.#keep.size === this.length ? this.#keep.toBlob() : null;
            this.#stored = blob && new BlobFile(this.name, blob);
        } catch (error) {
            await this.#keep.close();
            throw error;
        } finally {
            this.#given.release();
        }
    }

    #notKept(error) {
        if (this.#given.mustKeep) {
            throw storageFailed(`${this.name} (${megabytes(this.#given.answer.total)} MB) can't be kept: ${error.message}`, "Free some space (deleteCached), or load it without mustKeep.", error);
        }
        this.#given.onNote(`The model is not kept: ${error.message}`);
    }

    async #checkHash() {
        try {
            this.#hash?.check();
        } catch (wrong) {
            await this.#keep.close();
            await this.#given.store?.forget(this.#given.url);
            throw wrong;
        }
    }

    /** The file as the store has it, with its manifest written; null, and no trace, where the store does not have it whole. */
    async #intoStore() {
        const { url, source, store, answer, onNote } = this.#given;
        const manifest = { url, source, size: this.length, etag: answer.etag, modified: answer.modified, sha256: this.#hash?.expected };
        const whole = this.#keep.size === this.length;
        await this.#keep.close();
        const blob = whole ? await store.open(manifest) : null;
        if (blob) {
            await store.complete(manifest);
        } else {
            onNote("The model is not kept: the browser's storage is full.");
            await store.forget(url);
        }
        return blob;
    }
}

/** The last part of an address, by which hash lists name files. */
const fileName = (url) => decode(new URL(url).pathname.split("/").at(-1));

function isPage({ type }) {
    return /^text\/html\b/i.test(type ?? "");
}

/** Whether a partial file may be continued: only when the server gives a mark that has not changed. */
function isSurelySame(answer, manifest) {
    const marked = (answer.etag && answer.etag === manifest.etag) || (answer.modified && answer.modified === manifest.modified);
    return Boolean(marked) && answer.total === manifest.size && isSameFile(answer, { ...manifest, total: manifest.size });
}

function nameOf(url, folder) {
    const parts = new URL(url).pathname.split("/").filter((part) => part !== "").map(decode);
    if (!folder) {
        const file = parts.at(-1) ?? "model";
        return /\.gguf$/i.test(file) ? file : `${file}.gguf`;
    }
    return (parts.at(-2) === "resolve" ? parts.at(-3) : parts.at(-1)) ?? "model";
}

function decode(part) {
    try {
        return decodeURIComponent(part);
    } catch (error) {
        return part;
    }
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** `{ quota, usage }` in bytes, or nothing where the browser does not say: the store tells as well when it is full. */
function estimate() {
    return withTimeout(Promise.resolve(navigator.storage?.estimate?.() ?? {}), "no estimate came").catch(() => ({}));
}

/** Holds a lock that all tabs share until the returned function is called. */
function lock(name, onWait) {
    if (!navigator.locks) {
        return Promise.resolve(() => { });
    }
    return new Promise((resolve, reject) => {
        const hold = () => new Promise((release) => resolve(release));
        navigator.locks.request(name, { ifAvailable: true }, (free) => (free ? hold().then(() => true) : false))
            .then((held) => {
                if (held === false) {
                    onWait();
                    return navigator.locks.request(name, hold);
                }
                return held;
            })
            .catch(reject);
    });
}

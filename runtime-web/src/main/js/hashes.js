// Which SHA-256 each file of a model must have, as people have it: of the Hugging Face API, of a manifest, or by name.

import { CremaError, invalidRequest } from "./errors.js";
import { STALL_MILLIS } from "./http-range.js";
import { Sha256, hashOf } from "./sha256.js";

const SHAPES = "Give { \"model.gguf\": \"<64 hex digits>\" }, an entry list of the Hugging Face API ({ path, lfs: { oid } } or { rfilename, lfs: { sha256 } }), "
    + "or a manifest { files: [{ name, sha256 }] }.";

/** `{ name: hash }` of what was given, or null; entries without a hash (Hugging Face has none of small files) are left out. */
export function readHashes(given) {
    if (given === null || given === undefined) {
        return null;
    }
    const list = Array.isArray(given) ? given : given.siblings ?? given.files;
    const entries = Array.isArray(list) ? list.map((entry) => [entry?.path ?? entry?.rfilename ?? entry?.name, entry?.sha256 ?? entry?.lfs?.sha256 ?? entry?.lfs?.oid])
        : typeof given === "object" ? Object.entries(given) : [[null, null]];
    const hashes = {};
    // Lists name files by their path in the repository; what lies on top is meant rather than what lies in a folder.
    for (const [name, hash] of entries.sort(([a], [b]) => depth(b) - depth(a))) {
        if (typeof name !== "string" || (hash !== undefined && hash !== null && !/^[0-9a-f]{64}$/i.test(hash))) {
            throw invalidRequest(`hashes has no SHA-256 for ${JSON.stringify(name ?? null)}.`, SHAPES, "hashes");
        }
        if (hash) {
            hashes[name.split("/").at(-1)] = hash.toLowerCase();
        }
    }
    return hashes;
}

const depth = (name) => String(name).split("/").length;

/**
 * The list that goes with a model's address: of the Hugging Face API, where the address is one of a hub, else `crema.json` in its folder; null
 * where there is none, or no network.
 */
export async function findHashes({ url }) {
    if (!/^https?:/.test(url ?? "")) {
        return null;
    }
    const [, hub, repository, revision, file] = /^(.*)\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/([^?]*)/.exec(url) ?? [];
    const folder = hub === undefined ? "" : file.slice(0, Math.max(0, file.lastIndexOf("/")));
    const list = hub === undefined ? new URL("crema.json", url).href : `${hub}/api/models/${repository}/tree/${revision}${folder && `/${folder}`}`;
    try {
        const response = await fetch(list, { signal: AbortSignal.timeout(STALL_MILLIS) });
        return response.ok ? readHashes(await response.json()) : null;
    } catch (error) {
        if (error instanceof CremaError) {
            throw error;
        }
        return null;
    }
}

/** The hash of a file on its way; `check` throws where it is another than `expected`. */
export class HashCheck {
    #hash = new Sha256();
    #name;
    #known = null;
    expected;

    constructor(name, expected) {
        this.#name = name;
        this.expected = expected;
    }

    /** Takes what is there already of a file that is gone on with. */
    async resume(keep, size, pieceBytes = 4 << 20) {
        for (let at = 0; at < size; at += pieceBytes) {
            this.update(await keep.read(at, Math.min(pieceBytes, size - at)));
        }
    }

    update(bytes) {
        this.#hash.update(bytes);
    }

    check() {
        this.#known ??= this.#hash.hex();
        compare(this.#name, this.#known, this.expected);
    }
}

/** Whether a Blob-like has the hash. */
export const hasHash = async (blob, expected) => await hashOf(blob) === expected;

/** Throws where a file that is here has another hash. */
export async function checkHash(name, blob, expected) {
    compare(name, await hashOf(blob), expected);
}

function compare(name, found, expected) {
    if (found !== expected) {
        throw new CremaError({
            code: "invalid_checkpoint", status: 500, type: "model_error", message: `${name} has the SHA-256 ${found}, not ${expected}.`,
            hint: "It was damaged on its way, or is another version than its hash; get it again.",
        });
    }
}

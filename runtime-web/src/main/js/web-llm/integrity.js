// Subresource integrity hashes, as WebLLM checks files against them.

const PATTERN = /^(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})$/;
const BYTES = { sha256: 32, sha384: 48, sha512: 64 };

/** A file is not what its hash says. */
export class IntegrityError extends Error {
    constructor(url, expected, actual) {
        super(`${url} is not what its hash says: expected ${expected}, it is ${actual}.`);
        this.name = "IntegrityError";
        Object.assign(this, { url, expected, actual });
    }
}

/** Whether a text is a hash of the form `sha256-BASE64`, of sha256, sha384 or sha512, with as many bytes as that has. */
export function isValidSRI(sri) {
    const [, algorithm, base64] = PATTERN.exec(typeof sri === "string" ? sri : "") ?? [];
    if (!algorithm) {
        return false;
    }
    try {
        return atob(base64).length === BYTES[algorithm];
    } catch {
        return false;
    }
}

/** Rejects with an IntegrityError where `data` has another hash; with `onFailure` "warn" it warns in the console. */
export async function verifyIntegrity(data, expected, url, onFailure = "error") {
    if (!isValidSRI(expected)) {
        throw new IntegrityError(url, expected, "unknown: what is expected is no hash of the form sha256-BASE64");
    }
    const algorithm = expected.slice(0, 6);
    const hash = new Uint8Array(await crypto.subtle.digest(`SHA-${algorithm.slice(3)}`, data));
    const actual = `${algorithm}-${btoa(String.fromCharCode(...hash))}`;
    if (actual === expected) {
        return;
    }
    const error = new IntegrityError(url, expected, actual);
    if (onFailure !== "warn") {
        throw error;
    }
    console.warn(error.message);
}

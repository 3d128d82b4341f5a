// Small texts that are kept from visit to visit, such as what a self-test of the GPU found. Without a store there are none.

const CACHE = "crema-notes";

const address = (key) => `https://crema.invalid/notes/${encodeURIComponent(key)}`;

/** The text kept under `key`, or null. */
export async function recall(key) {
    try {
        const kept = await (await caches.open(CACHE)).match(address(key));
        return kept ? await kept.text() : null;
    } catch {
        return null;
    }
}

/** Keeps a text; where the browser refuses, the next visit finds out anew. */
export async function keep(key, text) {
    try {
        await (await caches.open(CACHE)).put(address(key), new Response(text));
    } catch {
        // No store, no note.
    }
}

// Small texts that are kept in the browser between visits, by key: what was found out about its GPU. Losing one costs time, nothing else.

const CACHE = "crema-notes";

const addressOf = (key) => `https://crema.invalid/${encodeURIComponent(key)}`;

/** The text, or null. */
export async function recall(key) {
    try {
        const kept = await (await caches.open(CACHE)).match(addressOf(key));
        return kept ? await kept.text() : null;
    } catch (error) {
        return null; // As where the browser keeps nothing.
    }
}

export async function remember(key, text) {
    try {
        await (await caches.open(CACHE)).put(addressOf(key), new Response(text));
    } catch (error) {
        // It is found out again on the next visit.
    }
}

// A saved conversation: `CREMASES`, the length of the description (4 bytes, little-endian), the description in JSON, and what the KV cache had.

import { CremaError, invalidRequest } from "./errors.js";

const MAGIC = "CREMASES";
const START = MAGIC.length + 4;
const MAX_DESCRIPTION_BYTES = 256 << 20;

/** A Blob of a session of `engine`. */
export async function saveSession(engine, messages, defaults, withCache) {
    let cache = new Uint8Array(0);
    if (withCache && messages.length > 0) {
        const model = defaults.model ?? engine.info?.model.id;
        cache = await engine.saveCache(await engine.tokenize(await engine.renderPrompt(messages, { model }), { model, addSpecial: true }), model);
    }
    const description = new TextEncoder().encode(JSON.stringify({ version: 1, messages, defaults }));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, description.length, true);
    return new Blob([MAGIC, length, description, cache], { type: "application/octet-stream" });
}

/** `{ messages, defaults, cache }` of what saveSession made; `cache` is null where there was none. */
export async function readSession(saved) {
    const blob = saved instanceof Blob ? saved : new Blob([saved]);
    const head = new Uint8Array(await blob.slice(0, START).arrayBuffer());
    const isSession = head.length === START && new TextDecoder().decode(head.subarray(0, MAGIC.length)) === MAGIC;
    const length = isSession ? new DataView(head.buffer).getUint32(MAGIC.length, true) : 0;
    if (length < 2 || length > MAX_DESCRIPTION_BYTES || START + length > blob.size) {
        throw damaged(blob.size);
    }
    let description;
    try {
        description = JSON.parse(await blob.slice(START, START + length).text());
    } catch {
        throw damaged(blob.size);
    }
    if (description?.version !== 1 || !Array.isArray(description.messages) || typeof description.defaults !== "object" || description.defaults === null) {
        throw damaged(blob.size);
    }
    const cache = blob.size > START + length ? new Uint8Array(await blob.slice(START + length).arrayBuffer()) : null;
    return { messages: description.messages, defaults: description.defaults, cache };
}

/** Puts a saved cache back where it fits; the note says what became of it. */
export async function restoreCache(engine, cache, model) {
    if (cache === null) {
        return { tokens: 0, note: "It was saved without its KV cache; its tokens are computed at the next turn." };
    }
    try {
        return { tokens: await engine.restoreCache(cache, model), note: "" };
    } catch (error) {
        if (!(error instanceof CremaError) || !["invalid_request", "out_of_memory"].includes(error.code)) {
            throw error;
        }
        return { tokens: 0, note: `Its tokens are computed at the next turn: ${error.message}` };
    }
}

function damaged(size) {
    return invalidRequest(`These ${size} bytes are no saved session, or were cut short.`, "Give what session.save() made.", "session");
}

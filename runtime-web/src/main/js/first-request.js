// The first request for a file, where most goes wrong that no waiting mends: a host that is not there, or does not let pages read its files.

import { downloadFailed } from "./errors.js";
import { STALL_MILLIS, isFromOtherOrigin, requestFrom, withRetries } from "./http-range.js";

/** Tries of a host that has not answered yet, where the browser does not say what is wrong: fewer than of one that has. */
const TRIES_OF_A_STRANGER = 3;

/** The answer of requestFrom. What the browser keeps back of another site's server is told apart from a network that is down, where that can be known. */
export function firstRequest(url, name, from, signal) {
    const foreign = isFromOtherOrigin(url);
    let tries = 0;
    return withRetries(`The download of ${name}`, signal, async () => {
        try {
            return await requestFrom(url, from, signal);
        } catch (error) {
            if (foreign && error instanceof TypeError && navigator.onLine !== false) {
                await explain(url, ++tries, error);
            }
            throw error;
        }
    });
}

/** Throws what is wrong where it is known, or after a few tries what it may be. */
async function explain(url, tries, error) {
    const { host } = new URL(url);
    if (await answersAtAll(url)) {
        throw downloadFailed(`${host} answers, but does not let pages of ${location.origin} read ${url} (CORS).`,
            "Load the model from a server that sends Access-Control-Allow-Origin, as huggingface.co does; or download the file and pick it here.", error);
    }
    if (tries >= TRIES_OF_A_STRANGER) {
        throw downloadFailed(`${host} can't be reached, or does not let pages of ${location.origin} read its files (CORS): ${error.message}.`,
            "Check the address and the connection. A server of another site must send Access-Control-Allow-Origin.", error);
    }
}

/** Whether a request succeeds whose answer the page may not see. Where the page is isolated (COEP), few servers pass that. */
async function answersAtAll(url) {
    return fetch(url, { method: "HEAD", mode: "no-cors", cache: "no-store", signal: AbortSignal.timeout(STALL_MILLIS) }).then(() => true, () => false);
}

// The engine behind fetch: an HTTP client (the openai package) talks to it as to a server.

import { CremaError, abortReason, invalidRequest } from "./errors.js";

const JSON_HEADERS = { "content-type": "application/json" };
const EVENT_HEADERS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };

/** Answers what the fetch of a page would be given, from the engine: `/v1/...` of any host. */
export async function apiFetch(connection, input, init) {
    const request = new Request(input, init);
    const { signal } = request;
    if (signal.aborted) {
        throw abortReason(signal);
    }
    const path = apiPath(request.url);
    const wanted = methodOf(path);
    if (wanted !== null && request.method !== wanted) {
        const error = invalidRequest(`${path} is asked with ${wanted}, not with ${request.method}.`, "");
        return new Response(JSON.stringify(error), { status: 405, headers: { ...JSON_HEADERS, allow: wanted } });
    }
    const body = request.body ? await request.text() : "";
    return respond(connection, path, body, signal);
}

const POST = /^(\/v1)?\/(tokenize|detokenize|apply-template)$|^\/v1\/(chat\/completions|completions|embeddings|responses)$/;

/** The method that a path is asked with; null for paths that there are none of, which the engine answers. */
function methodOf(path) {
    if (POST.test(path)) {
        return "POST";
    }
    return /^\/v1\/models(\/|$)/.test(path) ? "GET" : null;
}

function apiPath(url) {
    const { pathname } = new URL(url);
    const start = pathname.lastIndexOf("/v1/");
    return start < 0 ? pathname : pathname.slice(start);
}

/** The first event decides what the reply is: JSON, a stream of events, or an error with its status. */
function respond(connection, path, body, signal) {
    return new Promise((resolve, reject) => {
        let events = null;
        let cancel = () => {};
        const encoder = new TextEncoder();
        // Events of responses have names and say themselves that they are the last.
        const named = path === "/v1/responses";
        const write = (text) => events.enqueue(encoder.encode(`${named ? `event: ${JSON.parse(text).type}\n` : ""}data: ${text}\n\n`));
        const end = () => {
            signal.removeEventListener("abort", abort);
            events?.close();
        };
        const abort = () => {
            cancel();
            const reason = abortReason(signal);
            events ? events.error(reason) : reject(reason);
        };
        const open = () => {
            const stream = new ReadableStream({
                start: (controller) => { events = controller; },
                cancel: () => {
                    signal.removeEventListener("abort", abort);
                    cancel();
                },
            });
            resolve(new Response(stream, { status: 200, headers: EVENT_HEADERS }));
        };
        const whole = (json, status) => {
            end();
            resolve(new Response(json, { status, headers: JSON_HEADERS }));
        };
        signal.addEventListener("abort", abort, { once: true });
        try {
            cancel = connection.request(path, body, {
                reply: (json) => whole(json, 200),
                chunk: (json) => {
                    if (!events) {
                        open();
                    }
                    write(json);
                },
                done: () => {
                    if (!events) {
                        open();
                    }
                    if (!named) {
                        write("[DONE]");
                    }
                    end();
                },
                error: (json, status) => {
                    if (events) {
                        write(json);
                        end();
                    } else {
                        whole(json, status);
                    }
                },
            });
        } catch (thrown) {
            const error = CremaError.of(thrown);
            whole(JSON.stringify(error), error.status);
        }
    });
}

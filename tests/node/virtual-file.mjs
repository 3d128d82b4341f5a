// A large file that no disk holds: word i of it is i * 2654435761, and it is served with all the faults that servers have.

const CHUNK_BYTES = 64 << 10;

/** Bytes `start .. end` of the file. */
export function virtualBytes(start, end) {
    const first = Math.floor(start / 4);
    const words = new Uint32Array(Math.ceil(end / 4) - first);
    for (let i = 0; i < words.length; i++) {
        words[i] = Math.imul(first + i, 2654435761);
    }
    return Buffer.from(words.buffer, start - 4 * first, end - start);
}

/**
 * A fault of static-server that serves `path` as `size` bytes. `requests` lists `{ start, end, closed }`, `mostAtOnce` counts those under way.
 * Options: `ranges: false` ignores Range; `etag` may be a function of the request's number; `breakAt(request)` says after how many bytes of its answer
 * the connection breaks; `bytesPerSecond` of each connection.
 */
export function virtualFile(path, size, { ranges = true, etag = '"v1"', breakAt = () => Infinity, bytesPerSecond = Infinity } = {}) {
    const served = { requests: [], mostAtOnce: 0, atOnce: 0 };
    served.fault = async (request, response) => {
        if (new URL(request.url, "http://localhost").pathname !== path) {
            return false;
        }
        const mark = typeof etag === "function" ? etag(served.requests.length) : etag;
        const [, from, to] = ranges ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [] : [];
        const entry = { method: request.method, range: request.headers.range ?? null, start: Number(from ?? 0), end: to ? Number(to) + 1 : size, closed: false };
        const headers = { "content-length": entry.end - entry.start, "content-type": "application/octet-stream", ...(mark ? { etag: mark } : {}) };
        if (from !== undefined) {
            headers["content-range"] = `bytes ${entry.start}-${entry.end - 1}/${size}`;
        }
        response.writeHead(from === undefined ? 200 : 206, headers);
        if (request.method === "HEAD") {
            response.end();
            return true;
        }
        served.requests.push(entry);
        served.mostAtOnce = Math.max(served.mostAtOnce, ++served.atOnce);
        response.on("close", () => {
            entry.closed = true;
            served.atOnce--;
        });
        await send(response, entry, breakAt(entry), bytesPerSecond);
        return true;
    };
    return served;
}

async function send(response, { start, end }, breakAfter, bytesPerSecond) {
    let goOn = () => { };
    response.on("drain", () => goOn()).on("close", () => goOn());
    for (let at = start; at < end && !response.destroyed; at += CHUNK_BYTES) {
        if (at - start >= breakAfter) {
            // Browsers drop what they hold of a connection that broke: first let the page read it.
            setTimeout(() => response.socket?.destroy(), 300);
            return;
        }
        const taken = response.write(virtualBytes(at, Math.min(end, at + CHUNK_BYTES)));
        if (!taken && !response.destroyed) {
            await new Promise((resolve) => { goOn = resolve; });
        }
        if (bytesPerSecond !== Infinity) {
            await new Promise((resolve) => setTimeout(resolve, CHUNK_BYTES / bytesPerSecond * 1000));
        }
    }
    response.end();
}

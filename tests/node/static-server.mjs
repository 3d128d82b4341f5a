// A small static server for the browser tests: the demo's layout (/, /crema/, /models/...) with Range and ETag, and faults on demand.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

const TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json",
    ".svg": "image/svg+xml", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json",
};

/** Folders by the prefix of the address, longest first. */
export const DEMO_MOUNTS = {
    "/crema/": path.join(ROOT, "runtime-web/target/web"),
    "/models/crema-tiny/": path.join(ROOT, "models/crema-tiny"),
    "/": path.join(ROOT, "demo-site/src/main/site"),
};

/**
 * Serves `mounts` on a free port of the loopback. `log` lists requests as `{ method, path, range, status }`; `fault`, where set, may answer a
 * request itself: `fault(request, response, file) => true`. Close with `close()`.
 */
export async function serve(mounts = DEMO_MOUNTS) {
    const site = { log: [], fault: null };
    const server = createServer((request, response) => {
        answer(site, mounts, request, response).catch((error) => {
            response.writeHead(500).end(String(error));
        });
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    site.url = `http://localhost:${server.address().port}`;
    site.close = () => new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
    });
    return site;
}

async function answer(site, mounts, request, response) {
    const address = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const prefix = Object.keys(mounts).sort((a, b) => b.length - a.length).find((start) => address.startsWith(start));
    const entry = { method: request.method, path: address, range: request.headers.range ?? null, status: 404 };
    site.log.push(entry);
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    const inside = address.slice(prefix?.length ?? 0) || "index.html";
    const file = path.join(mounts[prefix] ?? "/nowhere", inside);
    const found = prefix !== undefined && !inside.split("/").includes("..") && await stat(file).catch(() => null);
    if (site.fault && await site.fault(request, response, file)) {
        return;
    }
    if (!found || !found.isFile()) {
        response.writeHead(404, { "content-type": "text/plain" }).end("There is no such file.");
        return;
    }
    entry.status = sendFile(request, response, file, found);
}

/** Sends a file or the range of it that was asked for; returns the status. */
export function sendFile(request, response, file, { size, mtimeMs }) {
    const headers = {
        "content-type": TYPES[path.extname(file)] ?? "application/octet-stream", "accept-ranges": "bytes", "cache-control": "no-cache",
        etag: `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`,
    };
    if (request.headers["if-none-match"] === headers.etag) {
        response.writeHead(304, headers).end();
        return 304;
    }
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(from ?? 0);
    const end = to ? Math.min(Number(to), size - 1) : size - 1;
    if (from !== undefined && start >= size) {
        response.writeHead(416, { ...headers, "content-range": `bytes */${size}` }).end();
        return 416;
    }
    const status = from === undefined ? 200 : 206;
    headers["content-length"] = end - start + 1;
    if (status === 206) {
        headers["content-range"] = `bytes ${start}-${end}/${size}`;
    }
    response.writeHead(status, headers);
    if (request.method === "HEAD") {
        response.end();
    } else {
        createReadStream(file, { start, end }).on("error", () => response.destroy()).pipe(response);
    }
    return status;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const site = await serve();
    console.log(site.url);
}

// Keeps the site itself for visits without network. Models are kept by Crema. The network comes first, so that a new version shows at once.

const CACHE = "crema-site";
const FILES = [
    "./", "icon.svg", "site.webmanifest",
    ...["theme", "layout", "chat", "panels"].map((name) => `css/${name}.css`),
    ...["theme-early", "app", "chats", "composer", "dom", "drop", "generation", "host", "markdown", "models", "settings", "sidebar", "status",
        "theme", "transcript", "welcome"].map((name) => `js/${name}.js`),
    ...["crema.js", "connection.js", "channel.js", "port.js", "options.js", "host.js", "hosted-model.js", "java.js", "routes.js", "crashes.js",
        "log.js", "session.js", "session-file.js", "device-report.js", "hashes.js", "sha256.js", "logit-processors.js", "store-parts.js", "store-indexeddb.js",
        "surroundings.js", "local-files.js",
        "errors.js", "http.js", "replies.js", "source.js", "store.js", "store-cache.js", "store-opfs.js", "worker.js",
        "worker-out.js", "notes.js", "selftest.js", "files.js", "files-network.js", "first-request.js", "blob-file.js", "download.js", "parallel-body.js", "http-range.js",
        "keep.js", "crema-runtime.js", "crema.wasm", "kernels.js", "kernel-threads.js", "kernel-worker.js", "kernels.wasm", "kernels-relaxed.wasm",
        "kernels-shared.wasm", "kernels-relaxed-shared.wasm"].map((name) => `crema/${name}`),
];
const PATIENCE_MILLIS = 4000;

const scope = new URL("./", self.location.href);
const kept = new Set(FILES.map((file) => new URL(file, scope).href));

self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = request.url.replace(/[?#].*/, "");
    if (request.method === "GET" && kept.has(url)) {
        event.respondWith(networkFirst(request, url));
    }
});

async function networkFirst(request, url) {
    const cache = await caches.open(CACHE);
    if (navigator.onLine === false) {
        return await cache.match(url) ?? fetch(request);
    }
    const fromNetwork = fetch(request).then(async (response) => {
        if (response.ok && response.status === 200) {
            await cache.put(url, response.clone());
        }
        return response;
    });
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLIS)).then(() => cache.match(url));
    return await Promise.race([fromNetwork, late]).catch(() => cache.match(url)) ?? fromNetwork;
}

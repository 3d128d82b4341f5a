// Vite's development server over app/, with a folder of models: `node vite-dev.mjs MODELS`. Prints its address and serves until its input ends.

import path from "node:path";
import { createServer } from "vite";

const root = path.join(import.meta.dirname, "app");
const server = await createServer({
    configFile: false,
    root,
    publicDir: path.resolve(process.argv[2]),
    cacheDir: path.join(import.meta.dirname, "target/vite-dev"),
    logLevel: "error",
    // The package is linked here from where it is built.
    server: { host: "127.0.0.1", port: 0, fs: { allow: [root, path.join(import.meta.dirname, "../../runtime-web/target")] } },
    optimizeDeps: { exclude: ["crema"] },
});
await server.listen();
console.log(`http://localhost:${server.httpServer.address().port}`);
process.stdin.on("end", () => server.close()).resume();

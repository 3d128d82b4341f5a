// Builds app/ with Vite into the folder that is named: `node vite.mjs OUTPUT`.

import path from "node:path";
import { build } from "vite";

await build({
    configFile: false,
    root: path.join(import.meta.dirname, "app"),
    base: "./",
    logLevel: "warn",
    build: { outDir: path.resolve(process.argv[2]), emptyOutDir: true, minify: false },
    worker: { format: "es" },
});

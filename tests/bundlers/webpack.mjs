// Builds app/ with webpack into the folder that is named: `node webpack.mjs OUTPUT`.

import { copyFileSync } from "node:fs";
import path from "node:path";
import webpack from "webpack";

const app = path.join(import.meta.dirname, "app");
const output = path.resolve(process.argv[2]);
webpack({
    mode: "production",
    context: app,
    entry: "./main.js",
    output: { path: output, filename: "main.js", clean: true },
    optimization: { minimize: false },
    performance: { hints: false },
}, (error, stats) => {
    const problems = error ? [error] : stats.toJson({ errors: true, warnings: true });
    if (error || stats.hasErrors() || stats.hasWarnings()) {
        console.error(error ?? [...problems.errors, ...problems.warnings].map(({ message, moduleName }) => `${moduleName}: ${message}`).join("\n"));
    }
    if (error || stats.hasErrors()) {
        process.exit(1);
    }
    copyFileSync(path.join(app, "index.html"), path.join(output, "index.html"));
});

// Where npm put Deno.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/** The program itself: npm's wrapper would look for it on each start. */
export function deno() {
    const packages = path.join(import.meta.dirname, "node_modules/@deno");
    const found = existsSync(packages) ? readdirSync(packages).map((name) => `${packages}/${name}/deno`).find(existsSync) : undefined;
    return found ?? path.join(import.meta.dirname, "node_modules/.bin/deno");
}

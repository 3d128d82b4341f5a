// Writes .br and .gz beside every file of the given folders that compresses, and prints what a visitor downloads. The self-test's model is left
// as it is: few visitors fetch it, once.

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const compressible = /\.(html|css|js|mjs|json|svg|wasm|webmanifest|txt)$/;
let raw = 0;
let brotliSize = 0;
let gzipSize = 0;

for (const folder of process.argv.slice(2)) {
    for (const name of readdirSync(folder, { recursive: true })) {
        const path = join(folder, name);
        if (!statSync(path).isFile() || name.startsWith("selftest")) {
            continue;
        }
        if (/\.(br|gz)$/.test(name)) {
            rmSync(path);
            continue;
        }
        if (compressible.test(name)) {
            const bytes = readFileSync(path);
            const brotli = brotliCompressSync(bytes, {
                params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
            });
            writeFileSync(`${path}.br`, brotli);
            const gzip = gzipSync(bytes, { level: 9 });
            writeFileSync(`${path}.gz`, gzip);
            raw += bytes.length;
            brotliSize += brotli.length;
            gzipSize += gzip.length;
        }
    }
}
console.log(`${raw} bytes, ${brotliSize} with brotli, ${gzipSize} with gzip`);

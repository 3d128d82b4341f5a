// Runs exports of a module on a memory: node run-wasm.mjs FOLDER, which holds module.wasm, memory.bin and calls.json
// ({shared, wide, pages, calls: [[name, [type, number], ...]]}). Leaves memory-out.bin, and prints the results, one a line: the bits
// of the number as a double, or what was thrown.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const { shared, wide, pages, calls } = JSON.parse(readFileSync(join(folder, "calls.json"), "utf8"));
const limits = { initial: pages, maximum: wide ? 262144 : 65535, shared };
const memory = new WebAssembly.Memory(wide ? { ...limits, initial: BigInt(pages), maximum: 262144n, address: "i64" } : limits);
new Uint8Array(memory.buffer).set(readFileSync(join(folder, "memory.bin")));
const { instance } = await WebAssembly.instantiate(readFileSync(join(folder, "module.wasm")), { env: { memory } });
const bits = new DataView(new ArrayBuffer(8));
const lines = calls.map(([name, ...args]) => {
    try {
        const result = instance.exports[name](...args.map(([type, number]) => (type === "J" ? BigInt(number) : Number(number))));
        bits.setFloat64(0, Number(result ?? 0));
        // Which NaN it is is unspecified; this is Java's.
        return Number.isNaN(result) ? "9221120237041090560" : bits.getBigInt64(0).toString();
    } catch (error) {
        return error.constructor.name + ": " + error.message;
    }
});
console.log(lines.join("\n"));
writeFileSync(join(folder, "memory-out.bin"), new Uint8Array(memory.buffer.slice(0)));

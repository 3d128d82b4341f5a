// The modules that the CPU kernels are compiled to are valid, and import a memory of their kind.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../cpu-kernels/target/kernels/", import.meta.url);
const skip = existsSync(folder) ? false : "cpu-kernels/target/kernels is not built: mvn -pl cpu-kernels -am process-classes";
if (skip && process.env.CI) {
    throw new Error(skip);
}

test("kernel modules are valid and take their memory", { skip }, async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith(".wasm")).sort();
    assert.deepEqual(names, ["", "-64", "-relaxed", "-relaxed-64", "-relaxed-shared", "-relaxed-shared-64", "-shared", "-shared-64"].map((kind) => `kernels${kind}.wasm`).sort());
    const exported = new Set();
    for (const name of names) {
        const shared = name.includes("shared");
        const memory = name.includes("64") ? new WebAssembly.Memory({ initial: 1n, maximum: 262144n, shared, address: "i64" })
            : new WebAssembly.Memory({ initial: 1, maximum: 65535, shared });
        const { instance } = await WebAssembly.instantiate(readFileSync(new URL(name, folder)), { env: { memory } });
        exported.add(Object.keys(instance.exports).join(" "));
    }
    assert.equal(exported.size, 1);
});

// Every kernel in every form that the linker can make compiles, also those that no adapter here can run; which those are is listed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const built = existsSync(new URL("../target/web/conformance.wasm", import.meta.url));
const skip = built ? false : "tests/target/web/conformance.wasm is not built: mvn -pl tests -am process-classes";
if (!built && process.env.CI) {
    throw new Error(skip);
}

/** What the adapters of the conformance suite have: SwiftShader in Dawn, and lavapipe in Deno. */
const ADAPTERS = [["subgroups", "packed_4x8_integer_dot_product"], ["f16", "packed_4x8_integer_dot_product"]];

test("every kernel compiles within WebGPU's least limits", { skip, timeout: 600_000 }, async (t) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("compile-child.mjs", import.meta.url))], { stdio: ["ignore", "pipe", "pipe"] });
    const modules = [];
    let said = "";
    child.stderr.on("data", (chunk) => (said += chunk));
    createInterface({ input: child.stdout }).on("line", (line) => modules.push(JSON.parse(line)));
    assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0, said);
    assert.ok(modules.length > 500, `only ${modules.length} modules`);
    const kernels = Map.groupBy(modules, ({ name }) => name.replace(/\{.*/, ""));
    assert.ok(kernels.size > 15, [...kernels.keys()].join(" "));
    for (const [kernel, forms] of kernels) {
        await t.test(`${kernel}, ${forms.length} forms`, () => {
            const wrong = forms.filter(({ error }) => error !== null);
            assert.equal(wrong.length, 0, wrong.slice(0, 3).map(({ name, error }) => `${name}\n${error}`).join("\n\n"));
        });
    }
    const unrun = modules.filter(({ requires }) => !ADAPTERS.some((has) => requires.split(",").every((feature) => feature === "" || has.includes(feature))));
    for (const [requires, forms] of Map.groupBy(unrun, (module) => module.requires)) {
        t.diagnostic(`${forms.length} forms need ${requires}, which no adapter here has at once: they are compiled and not run`);
    }
});

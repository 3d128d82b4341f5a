// The package outside of a browser: Node (the one that runs this, and the oldest that is promised) and Deno, on the Wasm device.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { deno } from "./deno.mjs";
import { tinyGguf } from "./gguf.mjs";
import { ROOT, serve } from "./static-server.mjs";

const SCRIPT = path.join(ROOT, "tests/node/hosts-child.mjs");
const TINY = path.join(ROOT, "models/crema-tiny");

let site;
let folder;

before(async () => {
    site = await serve();
    folder = await mkdtemp(path.join(os.tmpdir(), "crema-hosts-"));
    await writeFile(path.join(folder, "tiny.gguf"), tinyGguf());
});

after(async () => {
    await site?.close();
    await rm(folder, { recursive: true, force: true });
});

/** Loads and asks in a process of its own, which has to end by itself; what it printed last. */
async function ask(command, source, options = {}) {
    const child = spawn(command[0], [...command.slice(1), SCRIPT, source, JSON.stringify(options)], { timeout: 60_000, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let errors = "";
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (errors += text));
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 0, errors);
    return JSON.parse(out.trim().split("\n").at(-1));
}

const OLDEST_NODE = path.join(ROOT, "tests/node/node_modules/node22/bin/node");

for (const [name, command] of Object.entries({ Node: [process.execPath], "the oldest Node": [OLDEST_NODE], Deno: [deno(), "run", "--allow-all"] })) {
    describe(name, { skip: command[0] === OLDEST_NODE && !existsSync(OLDEST_NODE) && "npm has no Node 22 for this machine" }, () => {
        const says = async (source, options) => {
            const { device, reply } = await ask(command, source, options);
            assert.equal(device.kind, "wasm");
            assert.match(reply, /cold/i);
            return device;
        };

        test("a folder by its path, on two threads", async () => {
            const { features } = await says(TINY, { threads: 2 });
            assert.ok(features.includes("2 threads"), features.join());
        });

        test("a folder by its file: URL, in the thread of the program itself", () => says(`${pathToFileURL(TINY)}/`, { worker: false, threads: 1 }));

        test("a GGUF file, and the folder that it lies in", async () => {
            await says(path.join(folder, "tiny.gguf"), { threads: 1 });
            await says(folder, { threads: 1 });
        });

        test("a model on the web", () => says(`${site.url}/models/crema-tiny/`, { threads: 1 }));

        test("what is not there is said clearly, and the program ends", async () => {
            const { error } = await ask(command, path.join(TINY, "none.gguf"));
            assert.equal(error.code, "not_found");
            assert.match(error.message, /none\.gguf/);
        });
    });
}

test("a device that Node has not is refused", async () => {
    const { error } = await ask([process.execPath], TINY, { device: "webgpu" });
    assert.equal(error.code, "device_unavailable");
});

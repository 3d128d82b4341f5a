// The npm package in a small application, built by the bundlers that people use, and run.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { installPackages } from "../run/install.mjs";
import { launch, watchErrors } from "./browser.mjs";
import { ROOT, serve } from "./static-server.mjs";

const FOLDER = path.join(ROOT, "tests/bundlers");
const PACKAGE = path.join(ROOT, "runtime-web/target/npm");

let browser;

before(async () => {
    installPackages(FOLDER);
    const installed = path.join(FOLDER, "node_modules/crema");
    rmSync(installed, { force: true, recursive: true });
    symlinkSync(PACKAGE, installed);
    mkdirSync(path.join(FOLDER, "target"), { recursive: true });
    browser = await launch();
});

after(() => browser?.close());

test("npm pack takes all that the package names, and nothing of the build", () => {
    const { stdout, status } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: PACKAGE, encoding: "utf8" });
    assert.equal(status, 0);
    const files = JSON.parse(stdout)[0].files.map((file) => file.path);
    for (const file of ["package.json", "README.md", "LICENSE", "dist/crema.js", "dist/crema.d.ts", "dist/crema.wasm", "dist/worker.js", "dist/kernels.wasm"]) {
        assert.ok(files.includes(file), `${file} is missing`);
    }
    assert.deepEqual(files.filter((file) => /\.(br|gz|java|class)$/.test(file)), []);
});

test("the types are what a program in TypeScript expects, and OpenAI's", () => {
    const { stdout, status } = spawnSync("node_modules/.bin/tsc", ["-p", "types"], { cwd: FOLDER, encoding: "utf8" });
    assert.equal(status, 0, stdout);
});

for (const bundler of ["vite", "webpack"]) {
    test(`built with ${bundler}`, async () => {
        const output = path.join(FOLDER, "target", bundler);
        const built = spawnSync(process.execPath, [`${bundler}.mjs`, output], { cwd: FOLDER, encoding: "utf8", timeout: 60_000 });
        assert.equal(built.status, 0, built.stderr);
        assert.ok(existsSync(path.join(output, "index.html")));
        const site = await serve({ "/app/": output, "/models/crema-tiny/": path.join(ROOT, "models/crema-tiny") });
        const page = await (await browser.newContext()).newPage();
        try {
            const errors = watchErrors(page);
            await page.goto(`${site.url}/app/index.html`);
            await page.waitForFunction(() => window.ready);
            const { device, reply } = await page.evaluate(() => window.ask("/models/crema-tiny/", { device: "wasm", threads: 2 }));
            assert.ok(device.features.includes("2 threads"), device.features.join());
            assert.match(reply, /cold/i);
            const inPage = await page.evaluate(() => window.ask("/models/crema-tiny/", { device: "wasm", worker: false }));
            assert.match(inPage.reply, /cold/i);
            for (const name of ["askWebLlm", "askLanguageModel"]) {
                assert.match(await page.evaluate(([name, model]) => window[name](model), [name, "/models/crema-tiny/"]), /cold/i, name);
            }
            assert.deepEqual(errors, []);
        } finally {
            await page.context().close();
            await site.close();
        }
    });
}

test("on Vite's development server", async () => {
    const server = spawn(process.execPath, ["vite-dev.mjs", path.join(ROOT, "models")], { cwd: FOLDER, stdio: ["pipe", "pipe", "inherit"] });
    const page = await (await browser.newContext()).newPage();
    try {
        const [address] = await once(server.stdout, "data");
        await page.goto(String(address).trim());
        await page.waitForFunction(() => window.ready);
        const { reply } = await page.evaluate(() => window.ask("/crema-tiny/", { device: "wasm" }));
        assert.match(reply, /cold/i);
    } finally {
        await page.context().close();
        server.stdin.end();
        await once(server, "close");
    }
});

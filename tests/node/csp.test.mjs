// A page whose content security policy allows no text to be run as script: what Crema needs of the policy, and what it says where that lacks.

import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, watchErrors } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

/** The policy of the README; a worker has that of its own file's headers, so all files get it. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

let site;
let browser;

before(async () => {
    site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages") });
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await site?.close();
});

async function open(policy) {
    site.fault = (request, response) => {
        response.setHeader("content-security-policy", policy);
        return false;
    };
    const page = await (await browser.newContext()).newPage();
    const errors = watchErrors(page);
    await page.goto(`${site.url}/pages/csp.html`);
    await page.waitForFunction(() => window.ready);
    return { page, errors };
}

for (const options of [{ device: "wasm", threads: 2 }, { device: "webgpu", selfTest: "off", tune: "off" }]) {
    test(`under a strict policy, on ${options.device}`, async () => {
        const { page, errors } = await open(POLICY);
        assert.equal(await page.evaluate(() => window.evalResult), "EvalError", "the policy forbids it");
        const { device, reply } = await page.evaluate((options) => window.ask(options), options);
        assert.equal(device.kind, options.device);
        assert.match(reply, /cold/i);
        assert.deepEqual(errors.filter((error) => !error.includes("Content Security Policy")), []);
        await page.context().close();
    });
}

test("without the one directive the error names it", async () => {
    const { page } = await open(POLICY.replace(" 'wasm-unsafe-eval'", ""));
    const error = await page.evaluate(() => window.ask({ device: "wasm" }).then(() => null, ({ code, message, hint }) => ({ code, message, hint })));
    assert.equal(error.code, "device_unavailable");
    assert.match(error.message, /content security policy/);
    assert.match(error.hint, /'wasm-unsafe-eval'/);
    await page.context().close();
});

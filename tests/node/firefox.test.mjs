// Debian's Firefox, on the Wasm device. It is started as it comes, without a driver: the page posts what came of it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { firefox } from "../run/install.mjs";
import { DEMO_MOUNTS, ROOT, serve } from "./static-server.mjs";

const PATIENCE_MILLIS = 90_000;
/** Nothing of the network but the page, no first-run pages. */
const PREFERENCES = {
    "browser.shell.checkDefaultBrowser": false, "browser.startup.homepage_override.mstone": "ignore", "datareporting.policy.dataSubmissionEnabled": false,
    "app.update.enabled": false, "extensions.update.enabled": false, "browser.safebrowsing.update.enabled": false, "network.captive-portal-service.enabled": false,
    "toolkit.telemetry.enabled": false, "browser.tabs.remote.autostart": true, "privacy.resistFingerprinting": false,
};

const results = new Map();
const missing = !existsSync(firefox) && process.env.CI !== "true" ? `firefox-esr is not installed as ${firefox}` : false;

before(async () => {
    if (missing) {
        return;
    }
    const site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages") });
    const profile = await mkdtemp(path.join(os.tmpdir(), "crema-firefox-"));
    let browser;
    try {
        const ended = collect(site);
        await writeFile(path.join(profile, "user.js"), Object.entries(PREFERENCES)
            .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(""));
        browser = spawn(firefox, ["--headless", "--no-remote", "--profile", profile, `${site.url}/pages/firefox.html`], { stdio: "ignore", env: { ...process.env, HOME: profile } });
        await Promise.race([ended, new Promise((resolve) => browser.on("exit", resolve)), new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLIS).unref())]);
    } finally {
        if (browser && browser.exitCode === null) {
            browser.kill();
            await new Promise((resolve) => browser.on("exit", resolve));
        }
        await site.close();
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
});

after(() => results.clear());

/** Resolves when the page has posted its last result. */
function collect(site) {
    return new Promise((resolve) => {
        site.fault = async (request, response) => {
            if (request.method !== "POST") {
                return false;
            }
            let text = "";
            for await (const piece of request) {
                text += piece;
            }
            const { name, result } = JSON.parse(text);
            results.set(name, result);
            response.writeHead(204).end();
            if (name === "end") {
                resolve();
            }
            return true;
        };
    });
}

function check(what, name, verify) {
    test(what, { skip: missing }, () => {
        const result = results.get(name);
        assert.ok(result, `the page told nothing of it; it told of ${[...results.keys()].join(", ") || "nothing"}`);
        assert.equal(result.error, undefined);
        verify(result);
    });
}

function checkReply(kind, feature) {
    return ({ device, reply }) => {
        assert.equal(device.kind, kind);
        assert.ok(!feature || device.features.includes(feature), device.features.join());
        assert.match(reply, /cold/i);
    };
}

check("it is Firefox", "end", (agent) => assert.match(agent, /Firefox\//));
check("two threads", "threads", checkReply("wasm", "2 threads"));
check("one thread", "oneThread", checkReply("wasm"));
check("the engine in the page itself", "inThePage", checkReply("wasm"));
check("the engine in a shared worker", "shared", checkReply("wasm"));
check("auto takes what there is", "auto", checkReply("wasm"));
check("the model is kept, and read from the store the next time", "stored", ({ first, second, kept, reply }) => {
    assert.equal(kept, 1);
    assert.ok(first.kind, first.note);
    assert.equal(second.fromCache, true);
    assert.match(reply, /cold/i);
});
check("a stream that is left early frees its place", "aborted", ({ reply }) => assert.match(reply, /cold/i));

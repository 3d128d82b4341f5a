// The browser of the benchmarks: on the GPU where there is one, else on SwiftShader.

import { existsSync } from "node:fs";
import { EXECUTABLE, launch } from "../node/browser.mjs";

/** `adapter` is gpu, swiftshader or auto. */
export async function openBrowser({ adapter, headless = true }) {
    if (!existsSync(EXECUTABLE)) {
        throw new Error(`There is no Chromium at ${EXECUTABLE}. Install it (Debian: apt-get install chromium), or set CREMA_CHROMIUM to where it is.`);
    }
    if (adapter !== "swiftshader") {
        const browser = await launch({ adapter: null, headless });
        if (await hasGpu(browser)) {
            return browser;
        }
        await browser.close();
        if (adapter === "gpu") {
            throw new Error("This Chromium has no WebGPU adapter on a GPU. Is there one, with its driver? --adapter swiftshader measures in software.");
        }
        console.error("No GPU here: measuring on SwiftShader, a software adapter that is some hundred times slower.");
    }
    return launch({ headless });
}

/** Asked on a page of localhost, where WebGPU is: nothing answers there, which Chromium shows as a page of its own. */
async function hasGpu(browser) {
    const page = await browser.newPage();
    try {
        await page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>adapter</title>" }));
        await page.goto("http://localhost/");
        return await page.evaluate(async () => {
            const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
            return Boolean(adapter) && !adapter.info.isFallbackAdapter && !/swiftshader|llvmpipe/i.test(`${adapter.info.architecture} ${adapter.info.description}`);
        });
    } finally {
        await page.close();
    }
}

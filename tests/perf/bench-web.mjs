// The benchmark page in headless Chromium, its result as tables, JSON and a line of the history.

import path from "node:path";
import { watchErrors } from "../node/browser.mjs";
import { DEMO_MOUNTS, serve } from "../node/static-server.mjs";
import { openBrowser } from "./chromium.mjs";
import { append, historyLine } from "./history.mjs";
import { place } from "./models.mjs";
import { print } from "./tables.mjs";

export async function benchWeb(options) {
    const { source, mounts } = place(options.argument);
    const site = await serve({ ...DEMO_MOUNTS, ...mounts });
    let browser;
    try {
        browser = await openBrowser(options);
        const result = await runPage(browser, site.url, source, options);
        process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : print(result));
        if (options.record) {
            const file = append(historyLine(result));
            console.error(`Recorded in ${path.relative(process.cwd(), file)}.`);
        }
    } finally {
        await browser?.close();
        await site.close();
    }
}

/** Runs the page to its end; what goes wrong in it is thrown. */
async function runPage(browser, site, source, { device, preset, sections, "context-length": contextLength }) {
    const page = await browser.newPage();
    const errors = watchErrors(page);
    const address = new URL("/bench.html", site);
    const parameters = { model: source && new URL(source, site).href, device, preset, contextLength, run: 1, ...(sections && { sections }) };
    address.search = new URLSearchParams(parameters).toString();
    await page.goto(address.href);
    await page.waitForFunction(() => globalThis.bench !== undefined);
    const stopLine = showProgress(page);
    try {
        return await page.evaluate(() => globalThis.bench);
    } catch (error) {
        const shown = await page.locator("#problem").textContent().catch(() => "");
        throw new Error(shown || errors[0] || error.message, { cause: error });
    } finally {
        stopLine();
    }
}

/** What the page is doing, as a line of the terminal that is written over. */
function showProgress(page) {
    if (!process.stderr.isTTY) {
        return () => {};
    }
    const timer = setInterval(async () => {
        const text = await page.locator("#doing").textContent().catch(() => "");
        process.stderr.write(`\r\x1b[K${text}`);
    }, 300);
    return () => {
        clearInterval(timer);
        process.stderr.write("\r\x1b[K");
    };
}

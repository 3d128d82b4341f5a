// An engine in a browser of its own, which measures when it is told to.

import { watchErrors } from "../node/browser.mjs";
import { openBrowser } from "./chromium.mjs";
import { peakBytes } from "./process-side.mjs";

/** Opens the page of tests/peers at `site` and loads `model`: addresses of { gguf, onnx }. */
export async function startPage(engine, site, model, options) {
    const browser = await openBrowser({ adapter: options.device === "webgpu" ? options.adapter : "swiftshader" });
    try {
        const page = await browser.newPage();
        const errors = watchErrors(page);
        const run = (what, ...args) => page.evaluate(([name, values]) => window[name](...values), [what, args]).catch((error) => {
            throw new Error(`${engine}: ${error.message.replace(/^page\.evaluate: (?:Error: )?/, "").split("\n")[0]}${errors.length > 0 ? ` (${errors[0]})` : ""}`);
        });
        await page.goto(`${site}/peers/page.html`);
        await page.waitForFunction(() => window.start !== undefined);
        const { device, threads, vocabulary, contextLength } = options;
        const { name, loadMillis } = await run("start", engine, model, { device, threads, vocabulary, contextLength });
        return {
            name, loadMillis,
            measure: (kind, tokens) => run("step", kind, tokens),
            peakBytes: () => peakOf(browser),
            close: () => browser.close(),
        };
    } catch (error) {
        await browser.close();
        throw error;
    }
}

/** Of the page's own process and, as WebGPU's buffers are there, of the GPU's; the greatest each ever had. */
async function peakOf(browser) {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const most = (type) => Math.max(...processInfo.filter((each) => each.type === type).map(({ id }) => peakBytes(id) ?? 0), 0);
    return most("renderer") + most("GPU") || null;
}

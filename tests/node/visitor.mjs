// A visitor of a page with the engine: what tests of how models come and stay have in common.

import { stat } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before } from "node:test";
import { launch } from "./browser.mjs";
import { DEMO_MOUNTS, ROOT, sendFile, serve } from "./static-server.mjs";

export const TINY = "/models/crema-tiny/";
export const WEIGHTS = `${TINY}model.safetensors`;

/** The site for all tests of a file, and one visitor after another; each test begins with `newVisitor`. */
export class Visitor {
    site;
    browser;
    context;
    page;

    constructor() {
        before(async () => {
            this.site = await serve({ ...DEMO_MOUNTS, "/pages/": path.join(ROOT, "tests/node/pages"), "/openai/": path.join(ROOT, "tests/node/node_modules/openai") });
            this.browser = await launch();
        });
        afterEach(async () => {
            this.site.fault = null;
            await this.context?.close();
        });
        after(async () => {
            await this.browser?.close();
            await this.site?.close();
        });
    }

    /** Somebody who was never here. */
    async newVisitor() {
        this.context = await this.browser.newContext();
        this.page = await this.context.newPage();
        await this.open();
    }

    async open() {
        await this.page.goto(`${this.site.url}/pages/engine.html`);
        await this.page.waitForFunction(() => window.ready);
        this.site.log.length = 0;
    }

    /** Loads, asks once, closes; what became of keeping the model, and the reply. */
    load(options = {}, source = TINY) {
        return this.page.evaluate(ask, { source, options });
    }

    requests(file, method = "GET") {
        return this.site.log.filter((entry) => entry.path === file && entry.method === method);
    }

    /** Ends the connection after `bytes` of the weights' body, `times` times. */
    breakAfter(bytes, times) {
        const ranges = [];
        this.site.fault = async (request, response, file) => {
            if (!file.endsWith("model.safetensors") || request.method !== "GET") {
                return false;
            }
            ranges.push(request.headers.range ?? null);
            if (ranges.length > times) {
                return false;
            }
            const write = response.write.bind(response);
            let sent = 0;
            response.write = (chunk, ...rest) => {
                sent += chunk.length;
                if (sent <= bytes) {
                    return write(chunk, ...rest);
                }
                // Browsers drop what they hold of a connection that broke: first let the page read it.
                setTimeout(() => response.socket?.destroy(), 1000);
                return false;
            };
            sendFile(request, response, file, await stat(file));
            return true;
        };
        return ranges;
    }
}

/** In the page: loads, asks once, closes. */
export async function ask({ source, options }) {
    const engine = await crema.createEngine(source, { device: "reference", ...options });
    const storage = await engine.stored;
    const reply = await engine.chat.completions.create({ messages: [{ role: "user", content: "What is the opposite of hot?" }], temperature: 0 });
    await engine.close();
    return { storage, text: reply.choices[0].message.content };
}

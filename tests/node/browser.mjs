// Chromium for tests, with WebGPU on SwiftShader.

import { chromium } from "playwright-core";

export const EXECUTABLE = process.env.CREMA_CHROMIUM ?? "/usr/bin/chromium";

/** `adapter` null leaves the choice of the WebGPU adapter to Chromium. */
export function launch({ adapter = "swiftshader", headless = true } = {}) {
    return chromium.launch({
        executablePath: EXECUTABLE, headless,
        args: [...(headless ? ["--headless=new"] : []), "--no-sandbox", "--enable-unsafe-webgpu", ...(adapter ? [`--use-webgpu-adapter=${adapter}`] : []),
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"],
    });
}

/** Errors of a page and its workers, as they come: console errors, uncaught exceptions, crashes. */
export function watchErrors(page) {
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(`${message.text()} (${message.location().url})`));
    page.on("pageerror", (error) => errors.push(error.stack ?? String(error)));
    page.on("crash", () => errors.push("the page crashed"));
    return errors;
}

// Chromium for tests, with WebGPU on SwiftShader.

import { chromium } from "playwright-core";

export function launch() {
    return chromium.launch({
        executablePath: process.env.CREMA_CHROMIUM ?? "/usr/bin/chromium",
        args: ["--headless=new", "--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"],
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

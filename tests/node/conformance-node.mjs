// The conformance suite without a browser, on software GPUs: several times as fast as a page, and with features that the browser's has not.
//
//     node conformance-node.mjs "q=kernels/matMul/q4_0/*&teams=workgroup"            Dawn in Node on SwiftShader (subgroups, packed int8)
//     node conformance-node.mjs "q=kernels/matMul/*" lavapipe                        Deno on Mesa's lavapipe (shader-f16)
//
// The parameters are those of the page (see ConformancePage and DeviceParameters). Prints what did not pass, then the sum; the exit status is
// 1 when a case failed. As a module it hands the outcomes to its caller, as conformance-page.mjs does.

import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { deno } from "./deno.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Programs that have WebGPU, each with the Vulkan driver that it runs on: Debian's Chromium brings one, mesa-vulkan-drivers the other. */
const adapters = {
    swiftshader: { command: node24(), args: [], driver: "/usr/lib/chromium/vk_swiftshader_icd.json" },
    lavapipe: { command: deno(), args: ["run", "--allow-all", "--unstable-webgpu"], driver: lavapipeDriver() },
};

function node24() {
    return existsSync(here("node_modules/node24/bin/node")) ? here("node_modules/node24/bin/node") : process.execPath;
}

function lavapipeDriver() {
    const folder = "/usr/share/vulkan/icd.d";
    const name = existsSync(folder) ? readdirSync(folder).find((file) => file.startsWith("lvp_icd")) : undefined;
    return name ? `${folder}/${name}` : `${folder}/lvp_icd.json`;
}

/** What is missing for `adapter`, or null. */
export function missing(adapter) {
    const { command, driver } = adapters[adapter];
    return !existsSync(command) ? `no ${command}: npm ci` : !existsSync(driver) ? `no ${driver}: apt-get install mesa-vulkan-drivers chromium` : null;
}

/** Runs the suite with these parameters of ConformancePage; `onOutcome` hears of each case as it ends. */
export async function runConformance(parameters, { adapter = "swiftshader", onOutcome = () => {} } = {}) {
    const { command, args, driver } = adapters[adapter];
    const child = spawn(command, [...args, here("conformance-child.mjs"), String(new URLSearchParams(parameters))], {
        env: { ...process.env, VK_ICD_FILENAMES: driver }, stdio: ["ignore", "pipe", "pipe"],
    });
    const outcomes = [];
    const errors = [];
    let summary = "crashed";
    // The Vulkan loader tells of a missing display at every start, and Mesa that it is no conformant driver.
    createInterface({ input: child.stderr }).on("line", (line) => /XDG_RUNTIME_DIR|not a conformant/.test(line) || errors.push(line));
    createInterface({ input: child.stdout }).on("line", (line) => {
        const message = JSON.parse(line);
        if (message.summary !== undefined) {
            summary = message.summary;
        } else {
            outcomes.push(message);
            onOutcome(message);
        }
    });
    const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", (code, signal) => resolve(code ?? signal)));
    if (summary === "crashed") {
        errors.push(`${command} ended with ${status} after ${outcomes.at(-1)?.name ?? "nothing"}`);
    }
    return { outcomes, errors, summary };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [search = "", adapter = "swiftshader"] = process.argv.slice(2);
    const print = ({ name, outcome, text }) => outcome !== "passed" && console.log(`${outcome} ${name}: ${text}`);
    const { outcomes, errors, summary } = await runConformance(new URLSearchParams(search), { adapter, onOutcome: print });
    errors.forEach((line) => console.error(line));
    console.log(summary);
    process.exitCode = errors.length > 0 || outcomes.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}

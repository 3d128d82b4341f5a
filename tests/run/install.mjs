// What the tests need beyond JDK, Maven and Node: browsers and a software GPU from Debian's packages, npm packages from the lock file.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export const chromium = "/usr/bin/chromium";
export const firefox = "/usr/bin/firefox-esr";
const vulkanDrivers = "/usr/share/vulkan/icd.d";

/** Installs the browsers, and Mesa's software GPU, which has 16-bit floats where the browser's has none. */
export function installDebianPackages() {
    const packages = [];
    if (!existsSync(chromium)) {
        packages.push("chromium");
    }
    if (!existsSync(firefox)) {
        packages.push("firefox-esr");
    }
    if (!existsSync(vulkanDrivers) || !readdirSync(vulkanDrivers).some((name) => name.startsWith("lvp_icd"))) {
        packages.push("mesa-vulkan-drivers");
    }
    if (packages.length === 0) {
        return;
    }
    const sudo = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];
    console.log(`Installing ${packages.join(" and ")} from Debian's packages (once)...`);
    for (const args of [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages]]) {
        const [command, ...rest] = [...sudo, ...args];
        const { status, error } = spawnSync(command, rest, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
        if (status !== 0 && !existsSync(chromium)) {
            console.error(`crema: ${[command, ...rest].join(" ")} failed (${error?.message ?? `status ${status}`}). Install Chromium as ${chromium} and try again.`);
            process.exit(1);
        }
    }
}

/**
 * `npm ci` where the lock file is newer than what it installed. A lock file that lacks the packages of other platforms is none that `npm ci` takes:
 * `partialLock` installs what it holds all the same.
 */
export function installPackages(folder, { partialLock = false } = {}) {
    const installed = join(folder, "node_modules", ".package-lock.json");
    if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, "package-lock.json")).mtimeMs) {
        return;
    }
    console.error("Installing npm packages (once)...");
    const command = partialLock ? ["install", "--no-save", "--ignore-scripts"] : ["ci"];
    const { status } = spawnSync("npm", [...command, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) {
        console.error(`crema: npm ${command.join(" ")} in ${folder} failed with status ${status}. Is the npm registry reached?`);
        process.exit(1);
    }
}

// What the tests need beyond JDK, Maven and Node: a browser from Debian's packages, npm packages from the lock file.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

export const chromium = "/usr/bin/chromium";

export function installChromium() {
    if (existsSync(chromium)) {
        return;
    }
    const sudo = process.getuid?.() === 0 ? [] : ["sudo", "--non-interactive"];
    console.log("Installing Chromium from Debian's packages (once)...");
    for (const args of [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]]) {
        const [command, ...rest] = [...sudo, ...args];
        const { status, error } = spawnSync(command, rest, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
        if (status !== 0) {
            console.error(`crema: ${[command, ...rest].join(" ")} failed (${error?.message ?? `status ${status}`}). Install Chromium as ${chromium} and try again.`);
            process.exit(1);
        }
    }
}

/** `npm ci` where the lock file is newer than what it installed. */
export function installPackages(folder) {
    const installed = join(folder, "node_modules", ".package-lock.json");
    if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, "package-lock.json")).mtimeMs) {
        return;
    }
    console.log("Installing npm packages (once)...");
    const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) {
        console.error(`crema: npm ci in ${folder} failed with status ${status}.`);
        process.exit(1);
    }
}

// './crema serve' as a child of a load test, and what can be seen of it from outside.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "..", "..");

/** Starts a server on a free port; `address` and `pid` of the one that is ready. */
export async function startServer(args) {
    const child = spawn(join(root, "crema"), ["serve", "--port", "0", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    process.once("exit", () => child.kill("SIGKILL"));
    for await (const line of createInterface({ input: child.stdout })) {
        const address = line.match(/http:\/\/[^\s/]+/);
        if (address) {
            return { address: address[0], pid: child.pid, child };
        }
    }
    throw new Error("the server printed no address");
}

/** Ends it in good order; its exit status. */
export async function stopServer({ child }) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    return (await ended)[0];
}

/** The samples of /metrics by name, labels included. */
export async function metrics(address) {
    const text = await (await fetch(`${address}/metrics`)).text();
    return Object.fromEntries(text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
        const end = line.lastIndexOf(" ");
        return [line.slice(0, end), Number(line.slice(end + 1))];
    }));
}

/** What a server holds when nothing runs: live heap in bytes, threads, open files, KV pages in use, requests. */
export async function footprint({ address, pid }) {
    const last = await settled(address);
    const jcmd = join(dirname(readlinkSync(`/proc/${pid}/exe`)), "jcmd");
    if (!existsSync(jcmd)) {
        throw new Error(`there is no ${jcmd}, which collects the server's garbage`);
    }
    for (let i = 0; i < 2; i++) {
        execFileSync(jcmd, [String(pid), "GC.run"], { stdio: "ignore" });
    }
    const now = await metrics(address);
    const kvUsed = Object.entries(last).filter(([name]) => /^crema_kv_pages.*"used"/.test(name)).reduce((sum, [, value]) => sum + value, 0);
    return {
        heapBytes: now.crema_heap_used_bytes, threads: now.crema_threads, files: readdirSync(`/proc/${pid}/fd`).length,
        kvPages: kvUsed, requests: last.crema_http_requests_in_flight - 1,
    };
}

/** The metrics once no request runs but the one for them; those of after half a minute where some do not end. */
async function settled(address) {
    for (let i = 0; ; i++) {
        const now = await metrics(address);
        if (now.crema_http_requests_in_flight <= 1 || i === 300) {
            return now;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

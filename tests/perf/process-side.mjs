// An engine in a process of its own, which measures when it is told to: a line in, a line of JSON out.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** How long an engine may take to end by itself before it is killed. */
const PATIENCE_MILLIS = 10_000;

/** Starts a command; resolves when it has loaded its model. What it says when it fails is thrown. */
export async function startProcess(command, args) {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (complaint = (complaint + text).slice(-4000)));
    const ended = new Promise((resolve) => {
        child.once("error", (error) => resolve(error.message));
        child.once("close", (status, signal) => resolve(complaint.trim().replace(/^crema: /, "") || `${command} ended with ${signal ?? `status ${status}`}.`));
    });
    // A process that is gone answers no more; `ended` tells why.
    child.stdin.on("error", () => {});
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

    async function answer() {
        const { value, done } = await lines.next();
        if (done) {
            throw new Error(await ended);
        }
        return JSON.parse(value);
    }

    const { name, loadMillis } = await answer();
    return {
        name, loadMillis,
        async measure(kind, tokens) {
            child.stdin.write(`${kind} ${tokens}\n`);
            return { tokens, millis: (await answer()).millis };
        },
        /** Most of the machine's memory that it ever had, mapped weights among it. */
        async peakBytes() {
            return peakBytes(child.pid);
        },
        async close() {
            child.stdin.end();
            const timer = setTimeout(kill, PATIENCE_MILLIS);
            await ended;
            clearTimeout(timer);
            process.removeListener("exit", kill);
        },
    };
}

/** `VmHWM` of Linux, the greatest resident size; null elsewhere. */
export function peakBytes(pid) {
    try {
        return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
    } catch {
        return null;
    }
}

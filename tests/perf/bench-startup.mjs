// `./crema bench startup`: from the start of the process to the first token on standard output, as a user of `./crema complete` waits for it.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { machine } from "./bench-engines.mjs";
import { spread } from "./figures.mjs";
import { append, startupLine } from "./history.mjs";
import { CREMA, crema, synthesize } from "./models.mjs";
import { printStartup } from "./tables.mjs";

const PROMPT = "Once upon a time";

export async function benchStartup({ argument, shape, type, device, repack, repeat, json, record }) {
    const file = argument ?? synthesize(shape, type);
    if (!existsSync(file)) {
        throw new Error(`There is no file or folder ${file}.`);
    }
    const model = JSON.parse(crema("measure", file, "--describe"));
    const args = ["complete", "--model", path.resolve(file), "--device", device, "--temperature", "0", "--max-tokens", "1", ...repack ? [] : ["--no-repack"]];
    // Twice uncounted: the page cache gets warm, and the launcher leaves its archive of classes behind.
    crema(...args, PROMPT);
    const { timings } = JSON.parse(crema(...args, "--json", PROMPT));
    const runs = [];
    for (let run = 0; run < repeat; run++) {
        runs.push(await timed([...args, PROMPT]));
    }
    const result = {
        schema: "crema-bench-startup/1", date: new Date().toISOString(), model, device, ...device === "vector" && { repack }, machine: machine(), promptTokens: timings.prompt_n,
        firstTokenMillis: spread(runs.map(({ first }) => first)), exitMillis: spread(runs.map(({ exit }) => exit)),
        processorMillis: spread(runs.map(({ processor }) => processor)),
    };
    process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : printStartup(result));
    if (record) {
        console.error(`Recorded in ${path.relative(process.cwd(), append(startupLine(result)))}.`);
    }
}

/** Milliseconds of one run: to the first byte that comes out (or the end of a reply that has none), to its exit, and of the processor's time. */
async function timed(args) {
    const before = childrenMillis();
    const began = performance.now();
    const child = spawn(CREMA, args, { stdio: ["ignore", "pipe", "pipe"] });
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    let first = null;
    let complaint = "";
    child.stdout.on("data", () => (first ??= performance.now() - began));
    child.stderr.setEncoding("utf8").on("data", (text) => (complaint += text));
    const status = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    process.removeListener("exit", kill);
    if (status !== 0) {
        throw new Error(complaint.trim().replace(/^crema: /, "") || `crema complete ended with status ${status}.`);
    }
    const exit = performance.now() - began;
    return { first: first ?? exit, exit, processor: childrenMillis() - before };
}

/** What the processor did for children that have ended: `cutime` and `cstime` of proc(5), in ticks of 10 ms; NaN elsewhere than on Linux. */
function childrenMillis() {
    try {
        const fields = readFileSync("/proc/self/stat", "utf8").replace(/^.*\) /, "").split(" ");
        return (Number(fields[13]) + Number(fields[14])) * 10;
    } catch {
        return NaN;
    }
}

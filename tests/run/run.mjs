// Runs a command, shows the lines that tell how it goes on, and keeps everything in a log.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const logs = join(import.meta.dirname, "..", "..", ".crema");
const telling = /Tests run|Running |ERROR|FAIL|BUILD|Reactor Summary|^\S*[✔✖﹣▶]/u;

export function logOf(name) {
    return join(logs, `test-${name.toLowerCase().replace(/\W+/g, "-")}.log`);
}

/** Resolves with the exit status. */
export function run(name, command, args, options) {
    mkdirSync(logs, { recursive: true });
    const log = logOf(name);
    console.log(`\n== ${name} (log: .crema/${log.slice(logs.length + 1)})`);
    const file = createWriteStream(log);
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (line) => {
            file.write(`${line}\n`);
            if (telling.test(line)) {
                console.log(line.slice(0, 300));
            }
        });
    }
    return new Promise((resolve) => {
        child.on("error", (error) => {
            console.log(`${command}: ${error.message}`);
            resolve(-1);
        });
        child.on("close", (status) => file.end(() => resolve(status ?? -1)));
    });
}

// `./crema convert` that is interrupted, killed, or started twice: nothing half under the final name, and the same command goes on.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ROOT } from "./static-server.mjs";

const TINY = path.join(ROOT, "models/crema-tiny");
const OPTIONS = ["--type", "Q5_0", "--threads", "1"];

let folder;
let whole;
const at = (name) => path.join(folder, name);

function start(...args) {
    const child = spawn(path.join(ROOT, "crema"), ["convert", TINY, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]).then(([out, err, [status, signal]]) => ({ out, err, status, signal }));
    return { child, ended };
}

/** The number of tensors that the journal of a file says are whole; 0 without one. */
const done = (name) => (existsSync(at(`${name}.part.done`)) ? Number(readFileSync(at(`${name}.part.done`), "utf8").split(" ")[1] || 0) : 0);

async function until(condition, what) {
    for (let i = 0; !condition(); i++) {
        assert.ok(i < 20_000, what);
        await setTimeout(3);
    }
}

before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "crema-interrupted-"));
    const { status, err } = await start(at("whole.gguf"), ...OPTIONS).ended;
    assert.equal(status, 0, err);
    whole = readFileSync(at("whole.gguf"));
});

after(() => rmSync(folder, { recursive: true, force: true }));

for (const signal of ["SIGINT", "SIGKILL"]) {
    test(`after ${signal} the same command goes on, and gives the same file`, async () => {
        const name = `${signal}.gguf`;
        const { child, ended } = start(at(name), ...OPTIONS);
        await until(() => done(name) > 2 || existsSync(at(name)), "no tensor was ever whole");
        child.kill(signal);
        const { status } = await ended;
        assert.notEqual(status, 0);
        assert.ok(!existsSync(at(name)), "a file that is not whole has the final name");
        const before = done(name);
        assert.ok(before > 2);
        // What is there is not computed again: were it, this byte would be as it was.
        const part = readFileSync(at(`${name}.part`));
        const middle = part.length >> 1;
        part[middle] ^= 255;
        writeFileSync(at(`${name}.part`), part);
        const again = await start(at(name), ...OPTIONS).ended;
        assert.equal(again.status, 0, again.err);
        const result = readFileSync(at(name));
        assert.equal(result[middle] ^ 255, whole[middle]);
        result[middle] ^= 255;
        assert.ok(result.equals(whole));
        assert.deepEqual(readdirSync(folder).filter((each) => each.startsWith(signal)), [name]);
    });
}

test("two at once: the second says so, and the first goes on", async () => {
    const first = start(at("two.gguf"), ...OPTIONS);
    await until(() => done("two.gguf") > 0 || existsSync(at("two.gguf")), "no tensor was ever whole");
    first.child.kill("SIGSTOP");
    const second = await start(at("two.gguf"), ...OPTIONS).ended;
    first.child.kill("SIGCONT");
    assert.equal(second.status, 1);
    assert.match(second.err, /two\.gguf\.part is being written by another process/);
    assert.equal((await first.ended).status, 0);
    assert.ok(readFileSync(at("two.gguf")).equals(whole));
});

test("a folder that was interrupted is not there, and goes on too", async () => {
    const options = ["--type", "Q5_0", "--threads", "1", "--shard-size", "500kB"];
    const { child, ended } = start(at("web"), ...options);
    await until(() => existsSync(at("web.part")) && readdirSync(at("web.part")).some((name) => /-00001-of-\d+\.gguf$/.test(name)), "no part was ever whole");
    child.kill("SIGKILL");
    await ended;
    assert.ok(!existsSync(at("web")));
    const again = await start(at("web"), ...options).ended;
    assert.equal(again.status, 0, again.err);
    assert.ok(existsSync(at("web/crema.json")) && !existsSync(at("web.part")));
});

test("a folder with files of someone else's is not emptied", async () => {
    const { status } = await start(at("mine"), "--type", "F16", "--shard-size", "2MB").ended;
    assert.equal(status, 0);
    writeFileSync(at("mine/notes.txt"), "mine");
    const again = await start(at("mine"), "--type", "F16", "--shard-size", "2MB", "--force").ended;
    assert.equal(again.status, 1);
    assert.match(again.err, /holds notes\.txt, which no conversion wrote/);
    assert.equal(readFileSync(at("mine/notes.txt"), "utf8"), "mine");
});

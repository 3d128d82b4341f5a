// How threads share programs of kernels (runtime-web's kernel-threads.js), with kernels in JavaScript that keep a record.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { KernelThread } from "../../runtime-web/src/main/js/kernel-threads.js";

const PROGRAM = 4096;
const RECORD = 16384;

/** Kernel 0 counts a part; kernel 1 finds all parts of the kernel before counted, or counts an error; kernel 2 fails on threads but the first. */
function kernelsOf(buffer, isFirst) {
    const words = new Int32Array(buffer);
    return [
        (at) => Atomics.add(words, at >> 2, 1),
        (at, part, parts) => Atomics.load(words, at >> 2) !== parts && Atomics.add(words, 1024 * 4 - 1, 1),
        () => {
            if (!isFirst) {
                throw new Error("made to fail");
            }
        },
    ];
}

const script = `
    import { workerData, parentPort } from "node:worker_threads";
    import { KernelThread } from ${JSON.stringify(new URL("../../runtime-web/src/main/js/kernel-threads.js", import.meta.url).href)};
    const { memory, thread, threads } = workerData;
    ${kernelsOf}
    parentPort.postMessage("ready");
    try {
        new KernelThread(kernelsOf(memory.buffer, false), memory, thread, threads).serve();
        parentPort.postMessage("closed");
    } catch (error) {
        parentPort.postMessage(error.message);
    }`;

async function open(threads) {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
    const workers = [];
    for (let thread = 1; thread < threads; thread++) {
        const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), { workerData: { memory, thread, threads } });
        await new Promise((resolve) => worker.once("message", resolve));
        workers.push(worker);
    }
    return { memory, workers, first: new KernelThread(kernelsOf(memory.buffer, true), memory, 0, threads), words: new Int32Array(memory.buffer) };
}

function program(words, calls) {
    calls.forEach(([kernel, args], i) => words.set([kernel, args], PROGRAM / 4 + 2 * i));
    return calls.length;
}

test("each part of a kernel runs once, and no kernel before the last part of the one before", { timeout: 60_000 }, async () => {
    const threads = 3;
    const { workers, first, words } = await open(threads);
    const calls = Array.from({ length: 400 }, (_, i) => [i % 2, RECORD + 4 * (i >> 1)]);
    const count = program(words, calls);
    for (let job = 0; job < 20; job++) {
        words.fill(0, RECORD / 4, RECORD / 4 + 200);
        first.run(PROGRAM, count, 65536, 64);
        assert.deepEqual([...new Set(words.subarray(RECORD / 4, RECORD / 4 + 200))], [4 * threads]);
    }
    assert.equal(words[1024 * 4 - 1], 0);
    const ends = workers.map((worker) => new Promise((resolve) => worker.once("message", resolve)));
    first.close();
    assert.deepEqual(await Promise.all(ends), ["closed", "closed"]);
    await Promise.all(workers.map((worker) => worker.terminate()));
});

test("a kernel that fails on one thread ends the job on all", { timeout: 60_000 }, async () => {
    const { workers, first, words } = await open(2);
    const count = program(words, Array.from({ length: 2000 }, () => [2, RECORD]));
    const end = new Promise((resolve) => workers[0].once("message", resolve));
    assert.throws(() => first.run(PROGRAM, count, 65536, 64), /a kernel failed on another thread/);
    assert.equal(await end, "made to fail");
    await workers[0].terminate();
});

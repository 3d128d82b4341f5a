// `./crema bench [MODEL]`: a short run on devices of the JVM and of the browser, beside llama.cpp too, and what is refused.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { ratio, spread } from "../perf/figures.mjs";
import { enginesLine, startupLine } from "../perf/history.mjs";
import { printEngines, printStartup } from "../perf/tables.mjs";
import { ROOT } from "./static-server.mjs";

const CREMA = path.join(ROOT, "crema");
const TINY = path.join(ROOT, "models/crema-tiny");
const QUICK = ["--prompt", "8,40", "--tokens", "3", "--repeat", "3"];

function bench(...args) {
    return spawnSync(CREMA, ["bench", ...args], { encoding: "utf8" });
}

function measured(...args) {
    const { status, stdout, stderr } = bench(...args, "--json");
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
}

function assertSpread({ median, min, max }) {
    assert.ok(min > 0 && min <= median && median <= max && max < 1e9, JSON.stringify({ median, min, max }));
}

function assertFigures({ name, prefill, decode, firstTokenMillis, loadMillis, peakBytes, weightBytesPerSecond, bandwidthShare }, result) {
    assert.ok(name.length > 0);
    assert.deepEqual(Object.keys(prefill), result.prompt.map(String));
    [...Object.values(prefill), decode, firstTokenMillis].forEach(assertSpread);
    assert.ok(loadMillis > 0);
    assert.ok(process.platform !== "linux" || peakBytes > 10e6 && peakBytes < 4e9, `${peakBytes}`);
    assert.equal(weightBytesPerSecond, decode.median * result.model.decodeBytes);
    assert.equal(bandwidthShare, weightBytesPerSecond / result.bandwidthBytesPerSecond);
}

test("the ratio of two engines is that of the medians, with the rounds farthest apart", () => {
    assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
    assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
    assert.deepEqual(ratio([10, 30, 20], [10, 10, 5]), { median: 2, min: 1, max: 4 });
});

for (const device of ["vector", "reference"]) {
    test(`the embedded model on the ${device} device`, { timeout: 120_000 }, () => {
        const result = measured(TINY, "--device", device, ...QUICK);
        assert.equal(result.schema, "crema-bench-engines/1");
        assert.deepEqual([result.device, result.tokens, result.repeat, result.prompt], [device, 3, 3, [8, 40]]);
        assert.equal(result.model.dtype, "F16");
        assert.ok(result.bandwidthBytesPerSecond > 1e8 && result.bandwidthBytesPerSecond < 1e13, `${result.bandwidthBytesPerSecond}`);
        assert.deepEqual(Object.keys(result.engines), ["crema"]);
        assertFigures(result.engines.crema, result);
        assert.equal(result.ratios, undefined);
        const text = printEngines(result);
        assert.match(text, /decode of 3, tokens\/s +\d/);
        assert.doesNotMatch(text, /times faster/);
    });
}

test("beside llama.cpp on the same file, in turn", { timeout: 300_000 }, () => {
    const result = measured("--shape", "tiny", "--type", "Q8_0", "--peer", "llama.cpp", "--threads", "1", ...QUICK);
    assert.equal(result.model.dtype, "Q8_0");
    // The embedding table is the output matrix too: a step reads it whole.
    assert.equal(result.model.decodeBytes, result.model.bytes);
    assert.deepEqual(Object.keys(result.engines), ["crema", "llama.cpp"]);
    Object.values(result.engines).forEach((figures) => assertFigures(figures, result));
    assert.match(result.engines["llama.cpp"].name, /^llama\.cpp \S+$/);
    assert.deepEqual(Object.keys(result.ratios), ["prefill 8", "prefill 40", "first 8", "decode"]);
    const { crema, "llama.cpp": peer } = result.engines;
    assert.equal(result.ratios.decode.median, crema.decode.median / peer.decode.median);
    const inverse = peer.firstTokenMillis.median / crema.firstTokenMillis.median;
    assert.ok(Math.abs(result.ratios["first 8"].median / inverse - 1) < 1e-9, "the shorter time is the faster one");
    assert.match(printEngines(result), /decode of 3, tokens\/s +\S+ +\S+ +\S+ \(\S+ to \S+\)/);

    const line = enginesLine(result);
    assert.deepEqual([line.runtime, line.device, line.threads, line.dtype], ["jvm", "vector", 1, "Q8_0"]);
    assert.deepEqual(Object.keys(line.prefill), ["8", "40"]);
    assert.equal(line.peer.engine, "llama.cpp");
    assert.ok(line.peer.ratios.decode > 0 && line.decode[8] > 0);
    assert.ok(!JSON.stringify(line).includes("\n"));
});

test("in a browser, by the device that is named", { timeout: 300_000 }, () => {
    const result = measured("--shape", "tiny", "--device", "wasm", "--threads", "2", "--prompt", "8", "--tokens", "2", "--repeat", "1");
    assert.match(result.engines.crema.name, /^wasm, CPU, 2 threads/);
    assertFigures(result.engines.crema, result);
    assert.equal(enginesLine(result).runtime, "web");
});

test("start-up, to the first token and to the end", { timeout: 120_000 }, () => {
    const result = measured("startup", TINY, "--no-repack", "--repeat", "1");
    assert.equal(result.schema, "crema-bench-startup/1");
    assert.ok(result.promptTokens > 0 && result.promptTokens < 17);
    assertSpread(result.firstTokenMillis);
    assert.ok(result.exitMillis.median >= result.firstTokenMillis.median);
    assert.match(printStartup(result), /without repacking; prompt[^]*to the first token +\d/);
    assert.ok(startupLine(result).startup.firstTokenMillis > 0);
    assert.equal(bench("startup", "--device", "webgpu").status, 2);
    assert.match(bench("startup", "--help").stdout, /^Usage: crema bench startup/);
});

test("the help names every option, and mistakes are told", () => {
    const { status, stdout } = bench("--device", "vector", "--help");
    assert.equal(status, 0);
    for (const option of ["--shape", "--type", "--device", "--peer", "--threads", "--adapter", "--prompt", "--tokens", "--repeat", "--json", "--record"]) {
        assert.ok(stdout.includes(`${option} `), option);
    }
    for (const [args, problem] of [
        [["nowhere.gguf"], /no benchmark, file or folder 'nowhere\.gguf'/], [["--device", "abacus"], /--device is 'abacus'; it is one of vector, reference, wasm, webgpu/],
        [["--peer", "abacus"], /--peer is 'abacus'; beside the device vector it is one of llama\.cpp/], [["--threads", "0"], /--threads is 0, expected 1 or more/],
        [["--device", "wasm", "--peer", "llama.cpp"], /beside the device wasm it is one of wllama, transformers\.js/],
        [["--device", "wasm", "--peer", "transformers.js", "--type", "Q8_0"], /transformers\.js reads ONNX/],
        [["--prompt", "12,x"], /--prompt is 'x', expected a whole number/], [["--device", "reference", "--threads", "2"], /one thread, and --threads is 2/],
        [[TINY, "--shape", "tiny"], /a model is given/], [["--tokens", "few"], /--tokens is 'few', expected a whole number/],
    ]) {
        const { status, stdout, stderr } = bench(...args);
        assert.deepEqual([status, stdout], [2, ""], stderr);
        assert.match(stderr, problem);
    }
    for (const [args, problem] of [
        [["--shape", "cube"], /There is no shape cube\. The shapes are tiny, smollm2-135m,/], [[TINY, "--prompt", "99999"], /takes texts of \d+ tokens at most/],
        [["--shape", "tiny", "--type", "Q9_9"], /Q9_9/],
    ]) {
        const { status, stderr } = bench(...args);
        assert.equal(status, 1, stderr);
        assert.match(stderr, problem);
    }
});

test("an interrupt ends the engines too", { skip: process.platform !== "linux" && "processes are looked up in /proc", timeout: 60_000 }, async () => {
    const child = spawn(CREMA, ["bench", TINY, "--device", "reference", "--prompt", "500", "--repeat", "99"], { stdio: ["ignore", "ignore", "inherit"] });
    const engine = await childOf(child.pid);
    const ended = once(child, "exit");
    child.kill("SIGINT");
    assert.deepEqual(await ended, [130, null]);
    for (let wait = 0; existsSync(`/proc/${engine}`) && wait < 100; wait++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(!existsSync(`/proc/${engine}`), "the engine still runs");
});

/** The id of the process that measures for the process `parent`, once it is there. */
async function childOf(parent) {
    for (;;) {
        for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
            const text = (name) => {
                try {
                    return readFileSync(`/proc/${id}/${name}`, "utf8");
                } catch {
                    return ""; // It ended meanwhile.
                }
            };
            if (text("status").includes(`\nPPid:\t${parent}\n`) && /\bmeasure\b.*--context-length/.test(text("cmdline"))) {
                return Number(id);
            }
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

// tests/perf/history.jsonl: one line a run, so that a slower commit shows.

import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "history.jsonl");

/** The commit that is checked out, with `+` where files differ from it. */
function commit() {
    const git = (...args) => execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
    return git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain", "--untracked-files=no") ? "+" : "");
}

/** One run of the page as a line: rates in tokens a second, by prompt tokens, depth and sequences; counters of a decoded token. */
export function historyLine(result) {
    const { device, model } = result;
    return {
        commit: commit(), date: result.date, runtime: "web", device: device.kind, adapter: device.name, model: model.id, dtype: model.dtype,
        modelBytes: model.bytes, gpuPeakBytes: result.gpuMemory.peakBytes, preset: result.preset, prefill: rates(result.prefill, "tokens"), decode: rates(result.decode, "depth"),
        batch: rates(result.batch, "sequences"), stepsAhead: rates(result.stepsAhead, "depth"),
        counters: result.decode?.find((row) => row.counters)?.counters ?? null,
    };
}

function rates(rows, name) {
    const measured = rows?.filter((row) => !row.skipped) ?? [];
    return Object.fromEntries(measured.map((row) => [row[name], round(row.tokensPerSecond)]));
}

/** One run of engines beside each other: Crema's figures, and how many times faster than the peer it was. Rates in tokens a second. */
export function enginesLine({ date, model, device, threads, tokens, machine, bandwidthBytesPerSecond, engines, ratios }) {
    const [[, own], peer] = Object.entries(engines);
    const medians = (of) => Object.fromEntries(Object.entries(of).map(([name, { median }]) => [name, round(median)]));
    return {
        commit: commit(), date, runtime: RUNTIMES[device], device, adapter: own.name, threads, processor: machine.processor, model: model.id, dtype: model.dtype,
        modelBytes: model.bytes, peakBytes: own.peakBytes, prefill: medians(own.prefill), decode: { 8: round(own.decode.median) }, decodeTokens: tokens,
        firstTokenMillis: round(own.firstTokenMillis.median), bandwidthGigabytesPerSecond: round(bandwidthBytesPerSecond / 1e9), bandwidthShare: round(own.bandwidthShare),
        ...peer && { peer: { engine: peer[0], name: peer[1].name, prefill: medians(peer[1].prefill), decode: { 8: round(peer[1].decode.median) }, ratios: medians(ratios) } },
    };
}

/** Runs of `crema complete` from their start, in milliseconds. */
export function startupLine({ date, model, device, repack, machine, promptTokens, firstTokenMillis, exitMillis, processorMillis }) {
    return {
        commit: commit(), date, runtime: RUNTIMES[device], device, processor: machine.processor, model: model.id, dtype: model.dtype, modelBytes: model.bytes,
        ...repack === false && { repack }, startup: { promptTokens, firstTokenMillis: round(firstTokenMillis.median), exitMillis: round(exitMillis.median), processorMillis: round(processorMillis.median) },
    };
}

const RUNTIMES = { vector: "jvm", reference: "jvm", wasm: "web", webgpu: "web" };

function round(value) {
    return Math.round(value * 1000) / 1000;
}

/** Appends a line and returns the file. */
export function append(line) {
    appendFileSync(FILE, `${JSON.stringify(line)}\n`);
    return FILE;
}

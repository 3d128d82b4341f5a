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
    return Object.fromEntries(measured.map((row) => [row[name], Math.round(row.tokensPerSecond * 1000) / 1000]));
}

/** Appends a line and returns the file. */
export function append(line) {
    appendFileSync(FILE, `${JSON.stringify(line)}\n`);
    return FILE;
}

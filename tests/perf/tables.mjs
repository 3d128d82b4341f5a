// The result of the benchmark page as text.

/** Columns as wide as they must be, the first to the left, the others to the right. */
export function table(head, rows) {
    const all = [head, ...rows].map((row) => row.map(String));
    const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
    return all.map((row) => row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))).join("  ").trimEnd()).join("\n");
}

export function rate(value) {
    return value === null ? "-" : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);
}

export function print(result) {
    const { device, model, gpuMemory } = result;
    const parts = [`${model.id}: ${(model.parameters / 1e6).toFixed(1)} M parameters, ${model.dtype}, ${(model.bytes / 1e6).toFixed(1)} MB`,
        `${device.kind}: ${device.name} (${device.features.join(", ")})`,
        ...gpuMemory.bytes > 0 ? [`GPU buffers: ${(gpuMemory.bytes / 1e6).toFixed(1)} MB, ${(gpuMemory.peakBytes / 1e6).toFixed(1)} MB at most`] : []];
    if (result.load) {
        parts.push(table(["load", "ms"], result.load.map(({ kind, totalMillis }) => [kind, totalMillis])));
    }
    const rows = (name, key, title) => result[name] && parts.push(table([title, "tokens/s"], result[name].map((row) =>
        [row[key], row.skipped ? `skipped: ${row.skipped}` : rate(row.tokensPerSecond)])));
    rows("prefill", "tokens", "prefill tokens");
    rows("decode", "depth", "decode depth");
    rows("batch", "sequences", "sequences");
    rows("stepsAhead", "depth", "steps ahead");
    const counters = result.decode?.find((row) => row.counters)?.counters;
    if (counters) {
        parts.push(table(["a decoded token takes", ""], Object.entries(counters)));
    }
    for (const phase of result.kernels ?? []) {
        parts.push(phase.skipped ? `kernels: skipped: ${phase.skipped}` : kernels(phase));
    }
    return `${parts.join("\n\n")}\n`;
}

function kernels({ phase, timing, millis, rows }) {
    return `${phase} step, ${millis.toFixed(2)} ms by ${timing}\n${table(["kernel", "launches", "us", "share", "GB/s", "GFLOP/s"], rows.map((row) =>
        [row.kernel, row.launches, row.micros.toFixed(0), `${(100 * row.share).toFixed(1)} %`, rate(row.gigabytesPerSecond), rate(row.gigaflopsPerSecond)]))}`;
}

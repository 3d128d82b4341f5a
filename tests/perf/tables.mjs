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

/** Engines beside each other, and how many times faster the first is. */
export function printEngines({ model, device, threads, prompt, tokens, repeat, machine, bandwidthBytesPerSecond, engines, ratios = {} }) {
    const sides = Object.values(engines);
    const row = (title, of, times) => [title, ...sides.map(of), ...ratios[times] ? [ratioText(ratios[times])] : Object.keys(ratios).length > 0 ? [""] : []];
    const megabytes = (bytes) => (bytes === null ? "-" : (bytes / 1e6).toFixed(0));
    const rows = [
        ...prompt.map((length) => row(`prefill of ${length}, tokens/s`, (side) => rate(side.prefill[length].median), `prefill ${length}`)),
        row(`decode of ${tokens}, tokens/s`, (side) => rate(side.decode.median), "decode"),
        row(`first token of ${prompt[0]}, ms`, (side) => rate(side.firstTokenMillis.median), `first ${prompt[0]}`),
        row("weights in decode, GB/s", (side) => rate(side.weightBytesPerSecond / 1e9)),
        row("share of memory bandwidth", (side) => `${(100 * side.bandwidthShare).toFixed(0)} %`),
        row("most memory, MB", (side) => megabytes(side.peakBytes)), row("load, s", (side) => (side.loadMillis / 1000).toFixed(1)),
    ];
    const head = ["", ...Object.keys(engines), ...Object.keys(ratios).length > 0 ? ["times faster (least to most)"] : []];
    const what = `${model.id}: ${model.dtype}, ${megabytes(model.bytes)} MB; ${device}, ${threads} ${threads === 1 ? "thread" : "threads"}; medians of ${repeat}`;
    const where = `${machine.processor}, ${machine.cores} cores, load ${machine.load.toFixed(1)} when it began; memory read at ${rate(bandwidthBytesPerSecond / 1e9)} GB/s`;
    return `${what}\n${where}\n${sides.map(({ name }, i) => `${Object.keys(engines)[i]}: ${name}`).join("\n")}\n\n${table(head, rows)}\n`;
}

/** Start-up as text. */
export function printStartup({ model, device, repack = true, machine, promptTokens, firstTokenMillis, exitMillis, processorMillis }) {
    const row = (title, { median, min, max }) => [title, ...[median, min, max].map((millis) => (millis / 1000).toFixed(2))];
    const what = `${model.id}: ${model.dtype}, ${(model.bytes / 1e6).toFixed(0)} MB; ${device}${repack ? "" : " without repacking"}; prompt of ${promptTokens} tokens`;
    const where = `${machine.processor}, ${machine.cores} cores, load ${machine.load.toFixed(1)} when it ended`;
    const rows = [row("to the first token", firstTokenMillis), row("to the exit", exitMillis), row("of the processor", processorMillis)];
    return `${what}\n${where}\n\n${table(["seconds", "median", "least", "most"], rows)}\n`;
}

function ratioText({ median, min, max }) {
    return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}

// The result as tables and plots.

import { formatBytes, formatCount, h } from "../dom.js";
import { barPlot } from "./plots.js";
import { SECTIONS } from "./plan.js";

const COUNTERS = [
    ["dispatches", "Dispatches"], ["passes", "Passes"], ["submits", "Submits"], ["encoders", "Encoders"], ["bindGroups", "Bind groups"],
    ["buffers", "Buffers"], ["pipelines", "Pipelines"], ["writeBuffers", "Writes"], ["writtenBytes", "Bytes written"], ["readbacks", "Reads"],
    ["readbackBytes", "Bytes read"],
];

/** Everything that is known so far, as elements. */
export function drawReport(result) {
    const parts = [facts(result)];
    for (const section of Object.keys(SECTIONS).filter((name) => result[name])) {
        parts.push(h("section.bench-card", { "aria-label": SECTIONS[section] }, h("h2", {}, SECTIONS[section]), ...DRAW[section](result[section])));
    }
    return parts;
}

function facts({ device, model, gpuMemory }) {
    const rows = {
        "Model": model.id,
        "Size": `${formatCount(model.parameters)} parameters, ${formatBytes(model.bytes)}, ${model.dtype}`,
        "Runs on": `${device.name}, ${device.kind}`,
        "Features": device.features.join(", ") || "none",
        ...(gpuMemory?.bytes > 0 && { "GPU memory": `${formatBytes(gpuMemory.bytes)} in buffers, ${formatBytes(gpuMemory.peakBytes)} at most` }),
    };
    return h("dl.facts.bench-facts", {}, ...Object.entries(rows).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

const DRAW = {
    load: (rows) => [table(["", "Engine", "Open", "Weights and kernels", "In all"], rows.map((row) =>
        [row.kind === "cold" ? "First time" : "Again", ...["engineMillis", "openMillis", "uploadMillis", "totalMillis"].map((name) => millis(row[name]))]))],
    prefill: (rows) => [
        barPlot("Tokens a second by length of the prompt", bars(rows, "tokens")),
        table(["Prompt", "Tokens/s", "Time"], rows.map((row) => [whole(row.tokens), ...cells(row, () => [rate(row.tokensPerSecond), millis(row.millis)], 2)])),
    ],
    decode: (rows) => [
        barPlot("Tokens a second by depth", bars(rows, "depth")),
        table(["Depth", "Tokens/s", "A token"], rows.map((row) => [whole(row.depth), ...cells(row, () => [rate(row.tokensPerSecond), millis(row.millisPerToken)], 2)])),
        counters(rows, "depth", "depth"),
    ],
    batch: (rows) => [
        barPlot("Tokens a second by number of sequences", bars(rows, "sequences")),
        table(["Sequences", "Tokens/s", "A step"], rows.map((row) => [whole(row.sequences), ...cells(row, () => [rate(row.tokensPerSecond), millis(row.millisPerStep)], 2)])),
        counters(rows, "sequences", "sequences"),
    ],
    stepsAhead: (rows) => [
        barPlot("Tokens a second by steps in flight", bars(rows, "depth")),
        table(["Steps in flight", "Tokens/s"], rows.map((row) => [whole(row.depth), ...cells(row, () => [rate(row.tokensPerSecond)], 1)])),
    ],
    kernels: (phases) => phases.flatMap(kernelTable),
};

function bars(rows, name) {
    return rows.map((row) => ({
        label: whole(row[name]), value: row.skipped ? null : row.tokensPerSecond, text: row.skipped ? "skipped" : rate(row.tokensPerSecond),
    }));
}

/** The cells of a measured row, or the reason across all of them. */
function cells(row, measured, columns) {
    return row.skipped ? [{ text: row.skipped, columns }] : measured();
}

function counters(rows, name, title) {
    const measured = rows.filter((row) => row.counters && row.counters.dispatches > 0);
    if (measured.length === 0) {
        return h("p.hint", {}, "No use of WebGPU was counted.");
    }
    return h("details", {}, h("summary", {}, "WebGPU calls of a token"),
        table(["A token takes", ...measured.map((row) => `${title} ${whole(row[name])}`)],
            COUNTERS.map(([key, text]) => [text, ...measured.map((row) => row.counters[key].toLocaleString("en"))])));
}

function kernelTable({ phase, tokens, timing, millis: total, rows, skipped }) {
    if (skipped) {
        return [h("p.hint", {}, `Skipped: ${skipped}`)];
    }
    const title = phase === "decode" ? "A decode step" : `A prefill step of ${whole(tokens)} tokens`;
    return [h("h3.section-title", {}, `${title}: ${millis(total)}, by ${timing}`), table(["Kernel", "Launches", "Weights", "Time", "Share", "GB/s", "GFLOP/s"],
        rows.map((row) => [kernelName(row.kernel), whole(row.launches), row.gigabytesPerSecond === null ? "–" : formatBytes(row.weightBytes), millis(row.micros / 1000), { share: row.share }, rate(row.gigabytesPerSecond), rate(row.gigaflopsPerSecond)]))];
}

/** `mat_vec{team=single, weight=f16}` as "mat_vec, single, f16". */
function kernelName(label) {
    const [name, choices] = label.split(/[{}]/);
    return [name, ...choices ? choices.split(", ").map((choice) => choice.split("=")[1]) : []].join(", ");
}

/** The first column names the row. A cell is a text, { text, columns } or { share }. */
function table(head, rows) {
    return h("div.table-box", { tabIndex: 0, role: "region", "aria-label": head.filter(Boolean).join(", ") }, h("table", {},
        h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, ...rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map(cell))))));
}

function cell(value) {
    if (value.share !== undefined) {
        const part = h("td.share", {}, `${(100 * value.share).toFixed(1)} %`);
        part.style.setProperty("--share", `${100 * value.share}%`);
        return part;
    }
    return value.columns ? h("td.none", { colSpan: value.columns }, value.text) : h("td", {}, value);
}

const whole = (value) => value.toLocaleString("en");

function rate(value) {
    return value === null ? "–" : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);
}

function millis(value) {
    return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : value >= 100 ? `${value.toFixed(0)} ms` : value >= 1 ? `${value.toFixed(1)} ms` : `${(value * 1000).toFixed(0)} µs`;
}

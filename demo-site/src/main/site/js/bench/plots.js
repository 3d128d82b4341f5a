// Bars as SVG, drawn by hand: few numbers need no library.

import { h, svg } from "../dom.js";

const ROW = 30;
const LABEL = 58;
const VALUE = 62;

/** Horizontal bars: `bars` are { label, value, text }; those without a value show their text alone. The picture says its numbers to readers. */
export function barPlot(title, bars) {
    const width = 360;
    const most = Math.max(...bars.map(({ value }) => value ?? 0)) || 1;
    const space = width - LABEL - VALUE;
    const plot = svg("svg", {
        class: "plot", viewBox: `0 0 ${width} ${bars.length * ROW}`, role: "img",
        "aria-label": `${title}: ${bars.map(({ label, text }) => `${label} ${text}`).join(", ")}`,
    });
    for (const [index, { label, value, text }] of bars.entries()) {
        const middle = index * ROW + ROW / 2;
        const length = value ? Math.max(2, space * value / most) : 0;
        plot.append(
            svg("text", { class: "plot-label", x: LABEL - 10, y: middle, "text-anchor": "end" }, label),
            svg("rect", { class: "plot-bar", x: LABEL, y: index * ROW + 6, width: length, height: ROW - 12, rx: 4 }),
            svg("text", { class: value ? "plot-value" : "plot-none", x: LABEL + length + 8, y: middle }, text));
    }
    return h("figure.plot-box", {}, h("figcaption", {}, title), plot);
}

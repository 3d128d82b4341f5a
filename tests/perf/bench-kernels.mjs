// Mat-muls by themselves, as the conformance suite measures them (Conformance.awaitBench), one run for each kernel variant.

import { runConformance } from "../node/conformance-node.mjs";
import { rate, table } from "./tables.mjs";

const DEFAULT = ["f16", "q8_0", "q4_0", "q4_k"].map((format) => `speed/matMul/${format}/*_in1024_out1024`).join(",");
const OWN_CHOICE = "own choice";

export async function benchKernels({ argument, variants, millis, json }) {
    const here = await text({ suite: "variants" });
    const wanted = (variants === "none" ? "" : variants)?.split(",").filter(Boolean) ?? here.split(" ").filter((name) => name.startsWith("mat_"));
    const unknown = wanted.find((name) => !here.split(" ").includes(name));
    if (unknown) {
        throw new Error(`The variant ${unknown} does not apply here; these do: ${here || "none"}.`);
    }
    const rows = [];
    for (const variant of [null, ...wanted]) {
        const lines = await text({ q: argument ?? DEFAULT, bench: millis, ...(variant && { force: variant }) });
        rows.push(...lines.split("\n").filter(Boolean).map((line) => ({ variant: variant ?? OWN_CHOICE, ...read(line) })));
    }
    if (rows.length === 0) {
        throw new Error(`No case matches ${argument}.`);
    }
    rows.sort((a, b) => a.name.localeCompare(b.name) || a.micros - b.micros);
    process.stdout.write(json ? `${JSON.stringify({ schema: "crema-bench-kernels/1", date: new Date().toISOString(), rows }, null, 2)}\n`
        : `${table(["case", "variant", "us", "GB/s", "GFLOP/s"], rows.map((row) =>
            [row.name, row.variant, row.micros.toFixed(0), rate(row.gigabytesPerSecond), rate(row.gigaflopsPerSecond)]))}\n`);
}

/** What the suite says at its end; what goes wrong in it is thrown. */
async function text(parameters) {
    const { summary, outcomes, errors } = await runConformance(parameters);
    const failed = outcomes.find(({ outcome }) => outcome === "failed");
    if (failed || summary === "crashed" || summary === "broken off") {
        throw new Error(failed?.text ?? errors.join(" ") ?? summary);
    }
    return summary;
}

function read(line) {
    const [, name, ...numbers] = line.match(/^(\S+)\s+([\d.E-]+) us\s+([\d.E-]+) GB\/s\s+([\d.E-]+) GFLOP\/s$/) ?? [];
    if (!name) {
        throw new Error(`'${line}' is no measurement.`);
    }
    const [micros, gigabytesPerSecond, gigaflopsPerSecond] = numbers.map(Number);
    return { name, micros, gigabytesPerSecond, gigaflopsPerSecond };
}

// The kernel benchmark: one prefill step and one decode step, kernel by kernel.

import { randomTokens } from "./watched-engine.js";

const PREFILL_TOKENS = 128;
const PROMPT_SEED = 77;

/** Elements and bytes of a block, by the name that a format has in kernel labels. */
const BLOCKS = {
    f32: [1, 4], f16: [1, 2], bf16: [1, 2], q4_0: [32, 18], q4_1: [32, 20], q5_0: [32, 22], q5_1: [32, 24], q8_0: [32, 34], q2_k: [256, 84],
    q3_k: [256, 110], q4_k: [256, 144], q5_k: [256, 176], q6_k: [256, 210], iq4_nl: [32, 18], iq4_xs: [256, 136], mxfp4: [32, 17],
    iq2_levels: [256, 108],
};

/**
 * Rows of the two steps, longest first: { phase, timing, millis, rows: [{ kernel, grid, launches, weightBytes, micros, share,
 * gigabytesPerSecond, gigaflopsPerSecond }] }; bytes and times are of all launches. Rates are of mat-muls, by the weights that they read; null for
 * the others.
 */
export async function benchKernels(engine, { kernelMillis }, tell) {
    const { contextLength, vocabularySize } = engine.info.model;
    const tokens = Math.min(PREFILL_TOKENS, contextLength - 4);
    tell("Kernels: recording", 0);
    await engine.record();
    await engine.complete(randomTokens(tokens, vocabularySize, PROMPT_SEED), 3);
    if ((await engine.recorded()).length === 0) {
        throw new Error(`the device ${engine.info.device.kind} has no WebGPU kernels`);
    }
    tell("Kernels of decode", 0.1);
    const decode = phase("decode", 1, await engine.time(-1, kernelMillis));
    tell("Kernels of prefill", 0.5);
    const prefill = phase("prefill", tokens, await engine.time(0, kernelMillis));
    return [decode, prefill];
}

function phase(name, tokens, { timing, rows }) {
    const total = rows.reduce((sum, { seconds }) => sum + seconds, 0);
    return {
        phase: name, tokens, timing, millis: total * 1000,
        rows: rows.map((row) => ({
            kernel: row.kernel, grid: row.grid, launches: row.launches, weightBytes: row.weightBytes, micros: row.seconds * 1e6, share: row.seconds / total, ...rates(row, tokens),
        })).sort((a, b) => b.micros - a.micros),
    };
}

function rates({ kernel, weightBytes, seconds }, tokens) {
    const format = kernel.toLowerCase().match(/\bweights?=(\w+)/)?.[1];
    if (!Object.hasOwn(BLOCKS, format) || weightBytes === 0 || /embed/.test(kernel) || seconds === 0) {
        return { gigabytesPerSecond: null, gigaflopsPerSecond: null };
    }
    const [elements, bytes] = BLOCKS[format];
    // The head of a prefill, too, is for its last token only.
    const rows = kernel.startsWith("mat_vec") ? 1 : tokens;
    return { gigabytesPerSecond: weightBytes / seconds / 1e9, gigaflopsPerSecond: 2 * rows * weightBytes / bytes * elements / seconds / 1e9 };
}

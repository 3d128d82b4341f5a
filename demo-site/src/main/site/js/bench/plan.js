// What a run measures, by preset: sizes and patience.

export const SECTIONS = {
    load: "Loading",
    prefill: "Prefill",
    decode: "Decode",
    batch: "Several sequences",
    stepsAhead: "Steps ahead",
    kernels: "Kernels",
};

/**
 * `seconds` is what one cell may take: larger ones are skipped, with the reason. `decodeTokens` are new tokens of a cell, `kernelMillis` the
 * time for which a kernel is repeated.
 */
export const PRESETS = {
    quick: {
        label: "Quick", prefill: [32, 128], decode: [0], batch: [1, 4], stepsAhead: [1, 4], decodeTokens: 8, seconds: 20, kernelMillis: 5,
    },
    standard: {
        label: "Standard", prefill: [32, 128, 512, 2048], decode: [0, 2048, 8192], batch: [1, 4], stepsAhead: [1, 2, 4, 8], decodeTokens: 32,
        seconds: 60, kernelMillis: 20,
    },
    patient: {
        label: "Patient", prefill: [32, 128, 512, 2048], decode: [0, 2048, 8192], batch: [1, 2, 4, 8], stepsAhead: [1, 2, 4, 8], decodeTokens: 64,
        seconds: 900, kernelMillis: 50,
    },
};

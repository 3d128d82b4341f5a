package dev.crema.web.device;

import dev.crema.device.FlatBatch;

/**
 * What the grids of a step depend on. {@code longest} is the tokens of the batch's longest sequence after the step; {@code prefill} whether its
 * tokens count as many, however few they are.
 */
record StepSize(int tokens, int outputs, int sequences, int longest, boolean prefill) {
    static StepSize of(FlatBatch batch) {
        int longest = 0;
        for (int length : batch.lengths) {
            longest = Math.max(longest, length);
        }
        return new StepSize(batch.tokens, batch.outputs, batch.sequences, longest, batch.batch.prefill());
    }
}

package dev.crema.web.device;

import dev.crema.device.FlatBatch;

/** What the grids of a step depend on. {@code longest} is the tokens of the batch's longest sequence after the step. */
record StepSize(int tokens, int outputs, int sequences, int longest) {
    static StepSize of(FlatBatch batch) {
        int longest = 0;
        for (int length : batch.lengths) {
            longest = Math.max(longest, length);
        }
        return new StepSize(batch.tokens, batch.outputs, batch.sequences, longest);
    }
}

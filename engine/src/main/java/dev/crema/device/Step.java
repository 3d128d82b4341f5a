package dev.crema.device;

import dev.crema.graph.Value;

/** A step under way. Results can be awaited once or often, in any order, until the next but one step is submitted. */
public interface Step {
    /** The sampled token of each output row in batch order; -1 for rows without a {@code SampleSpec}. */
    int[] awaitTokens();

    /** The logits of the rows of those items that asked for them ({@code Batch.Item.logits}), row after row. */
    float[] awaitLogits();

    /** A value that the graph lists among its outputs: rows of this batch times channels. */
    float[] awaitValue(Value value);
}

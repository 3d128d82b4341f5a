package dev.crema.device;

import dev.crema.graph.Value;

/** A step under way. Results can be awaited once or often, in any order, for as long as they are kept. */
public interface Step {
    /** So many more steps can be submitted before the sampled tokens of one are awaited. */
    int TOKENS_KEPT = 8;

    /**
     * The sampled token of each output row in batch order; -1 for rows without a {@code SampleSpec}. Kept until {@link #TOKENS_KEPT} more
     * steps have been submitted.
     */
    int[] awaitTokens();

    /**
     * The logits of the rows of those items that asked for them ({@code Batch.Item.logits}), row after row. Kept until the next but one step
     * is submitted.
     */
    float[] awaitLogits();

    /** A value that the graph lists among its outputs: rows of this batch times channels. Kept until the next step is submitted. */
    float[] awaitValue(Value value);
}

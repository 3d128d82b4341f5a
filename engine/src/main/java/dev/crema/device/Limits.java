package dev.crema.device;

/**
 * What an executable is compiled for, all fixed then so that no step allocates.
 *
 * @param maxTokens    tokens of a batch at most (the prefill chunk)
 * @param maxOutputs   rows of logits of a batch at most
 * @param maxSequences sequences of a batch at most
 * @param contextLength tokens of a sequence at most
 * @param kvPages      pages of {@link KvPool#PAGE_TOKENS} tokens, shared by all sequences
 */
public record Limits(int maxTokens, int maxOutputs, int maxSequences, int contextLength, int kvPages) {
    public Limits {
        if (maxTokens < 1 || maxOutputs < 1 || maxSequences < 1 || contextLength < 1 || kvPages < 1) {
            throw new IllegalArgumentException("limits must be positive: " + maxTokens + " " + maxOutputs + " " + maxSequences + " "
                + contextLength + " " + kvPages);
        }
    }

    /** Pages that one sequence of the full context needs. */
    public int pagesPerSequence() {
        return (contextLength + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
    }
}

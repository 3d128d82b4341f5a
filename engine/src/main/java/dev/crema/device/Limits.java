package dev.crema.device;

import dev.crema.tensor.DType;

/**
 * What an executable is compiled for, all fixed then so that no step allocates. (Memory of the KV cache may be taken piece by piece, when its pages are
 * first used.)
 *
 * @param maxTokens    tokens of a batch at most (the prefill chunk)
 * @param maxOutputs   rows of logits of a batch at most
 * @param maxSequences sequences of a batch at most
 * @param contextLength tokens of a sequence at most
 * @param kvPages      pages of {@link KvPool#PAGE_TOKENS} tokens, shared by all sequences
 * @param kvType       the number format of k and v in the cache: one that {@link Device#supportsKv} knows
 */
public record Limits(int maxTokens, int maxOutputs, int maxSequences, int contextLength, int kvPages, DType kvType) {
    /** With a cache in F32, which rounds nothing. */
    public Limits(int maxTokens, int maxOutputs, int maxSequences, int contextLength, int kvPages) {
        this(maxTokens, maxOutputs, maxSequences, contextLength, kvPages, DType.F32);
    }

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

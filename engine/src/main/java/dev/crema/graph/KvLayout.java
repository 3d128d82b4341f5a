package dev.crema.graph;

import dev.crema.tensor.DType;

/**
 * What a token leaves in the KV cache: {@code layers} times k and v of {@code kvHeads * headDim} elements each; or, where {@code latent} is not
 * 0, k alone, of whose heads the first {@code latent} channels are v too (multi-head latent attention, arXiv 2405.04434).
 */
public record KvLayout(int layers, int kvHeads, int headDim, int latent) {
    /** With k and v apart. */
    public KvLayout(int layers, int kvHeads, int headDim) {
        this(layers, kvHeads, headDim, 0);
    }

    /** Elements of k (or v, where it is apart) of one token in one layer. */
    public int width() {
        return kvHeads * headDim;
    }

    /** Whether v is a part of k. */
    public boolean isLatent() {
        return latent > 0;
    }

    /** What is kept of a token: k and v, or k alone. */
    public int sides() {
        return isLatent() ? 1 : 2;
    }

    /** Channels of a head of v. */
    public int valueDim() {
        return isLatent() ? latent : headDim;
    }

    /** Bytes of a token over all layers, k and v, where a head is a whole number of {@code format}'s blocks. */
    public long bytesPerToken(DType format) {
        return (long) sides() * layers * kvHeads * format.bytes(headDim);
    }
}

package dev.crema.graph;

import dev.crema.tensor.DType;

/** What a token leaves in the KV cache: {@code layers} times k and v of {@code kvHeads * headDim} elements each. */
public record KvLayout(int layers, int kvHeads, int headDim) {
    /** Elements of k (or v) of one token in one layer. */
    public int width() {
        return kvHeads * headDim;
    }

    /** Bytes of a token over all layers, k and v, where a head is a whole number of {@code format}'s blocks. */
    public long bytesPerToken(DType format) {
        return 2L * layers * kvHeads * format.bytes(headDim);
    }
}

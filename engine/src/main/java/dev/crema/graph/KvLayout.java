package dev.crema.graph;

/** What a token leaves in the KV cache: {@code layers} times k and v of {@code kvHeads * headDim} elements each. */
public record KvLayout(int layers, int kvHeads, int headDim) {
    /** Elements of k (or v) of one token in one layer. */
    public int width() {
        return kvHeads * headDim;
    }

    /** f32 bytes of a token over all layers, k and v. */
    public long bytesPerToken() {
        return 8L * layers * width();
    }
}

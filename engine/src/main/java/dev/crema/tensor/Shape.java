package dev.crema.tensor;

import java.util.Arrays;

/**
 * The extent of a tensor, slowest dimension first as Hugging Face writes it: a linear layer's weight is
 * {@code [out_features, in_features]} and the last dimension is contiguous. In a graph, the first extent of a value may be
 * one of two symbols that each batch fills in: {@link #TOKENS} or {@link #OUTPUTS}.
 */
public final class Shape {
    /** As many rows as the batch has tokens. */
    public static final int TOKENS = -1;
    /** As many rows as the batch asks logits of. */
    public static final int OUTPUTS = -2;

    private final int[] extents;

    private Shape(int[] extents) {
        this.extents = extents;
    }

    public static Shape of(int... extents) {
        for (int i = 0; i < extents.length; i++) {
            if (extents[i] < 0 && !(i == 0 && extents[i] >= OUTPUTS)) {
                throw new IllegalArgumentException("extent " + i + " is " + extents[i]);
            }
        }
        return new Shape(extents.clone());
    }

    public int rank() {
        return extents.length;
    }

    public int extent(int dimension) {
        return extents[dimension];
    }

    /** The contiguous extent. */
    public int last() {
        return extents[extents.length - 1];
    }

    public boolean isSymbolic() {
        return extents.length > 0 && extents[0] < 0;
    }

    /** The number of elements; the shape must not be symbolic. */
    public long elements() {
        if (isSymbolic()) {
            throw new IllegalStateException("the number of rows of " + this + " is known in a batch only");
        }
        long product = 1;
        for (int extent : extents) {
            product = Math.multiplyExact(product, extent);
        }
        return product;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extents);
    }

    /** {@code [tokens,256]}. */
    @Override
    public String toString() {
        var text = new StringBuilder("[");
        for (int i = 0; i < extents.length; i++) {
            text.append(i == 0 ? "" : ",").append(extents[i] == TOKENS ? "tokens" : extents[i] == OUTPUTS ? "outputs" : "" + extents[i]);
        }
        return text.append(']').toString();
    }
}

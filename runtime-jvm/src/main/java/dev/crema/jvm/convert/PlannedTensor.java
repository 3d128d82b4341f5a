package dev.crema.jvm.convert;

import dev.crema.checkpoint.TensorEntry;
import dev.crema.tensor.DType;

/**
 * A tensor to write.
 *
 * @param name    its GGUF name
 * @param to      its new number format
 * @param addend  what to add to each element
 * @param headDim the rows of a head whose rotated pairs are to become neighbours, as llama's converter orders q and k; 0 for none
 */
record PlannedTensor(String name, TensorEntry from, DType to, int headDim, float addend) {
    PlannedTensor(String name, TensorEntry from, DType to, int headDim) {
        this(name, from, to, headDim, 0);
    }

    long bytes() {
        return to.bytes(from.shape().elements());
    }

    int columns() {
        return from.shape().rank() == 0 ? 1 : headDim > 0 && from.shape().rank() == 1 ? 1 : from.shape().last();
    }

    long rows() {
        return columns() == 0 ? 0 : from.shape().elements() / columns();
    }

    /** The row of the source that becomes this one: row {@code 2i + half} of a head was {@code half * headDim / 2 + i}. */
    long sourceRow(long row) {
        if (headDim == 0) {
            return row;
        }
        long within = row % headDim;
        return row - within + within % 2 * (headDim / 2) + within / 2;
    }
}

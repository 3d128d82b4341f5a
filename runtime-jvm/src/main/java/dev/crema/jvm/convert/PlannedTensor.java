package dev.crema.jvm.convert;

import dev.crema.checkpoint.TensorEntry;
import dev.crema.tensor.DType;

/**
 * A tensor to write.
 *
 * @param name   its GGUF name
 * @param from   what it is made of, in the order and shape that it is to have
 * @param to     its new number format
 * @param addend what to add to each element
 */
record PlannedTensor(String name, TensorEntry from, DType to, float addend) {
    long bytes() {
        return to.bytes(from.shape().elements());
    }

    int columns() {
        return from.shape().rank() == 0 ? 1 : from.shape().last();
    }

    long rows() {
        return columns() == 0 ? 0 : from.shape().elements() / columns();
    }
}

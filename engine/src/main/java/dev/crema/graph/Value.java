package dev.crema.graph;

import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/**
 * What an op makes and later ops read: {@code [rows, channels]}, rows usually symbolic. {@code id} is its place in the
 * graph, {@code name} says where it comes from ({@code layers.0.attn_norm}), so that a tap can find it.
 */
public record Value(int id, String name, DType dtype, Shape shape) {
    /** Elements in a row. */
    public int channels() {
        return shape.last();
    }

    @Override
    public String toString() {
        return "%" + id;
    }
}

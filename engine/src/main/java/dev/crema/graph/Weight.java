package dev.crema.graph;

import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/** A constant of the model: a tensor of the checkpoint under its (Hugging Face) name, in the checkpoint's own number format. */
public record Weight(String name, DType dtype, Shape shape) {
    /** {@code "model.norm.weight" f32[256]}. */
    @Override
    public String toString() {
        return '"' + name + "\" " + (dtype + "").toLowerCase() + shape;
    }
}

package dev.crema.checkpoint;

import dev.crema.device.Bytes;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/** A tensor of a checkpoint: shape slowest dimension first, and its bytes, which nobody has read yet. */
public record TensorEntry(String name, DType dtype, Shape shape, Bytes bytes) { }

package dev.crema.jvm.vector;

import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import java.lang.foreign.MemorySegment;

/** A weight [rows, columns] in the checkpoint's format, in memory outside the heap. */
record Matrix(DType format, int rows, int columns, MemorySegment bytes) {
    static Matrix of(Weight weight, MemorySegment bytes) {
        return new Matrix(weight.dtype(), weight.shape().extent(0), weight.shape().last(), bytes);
    }

    long rowBytes() {
        return format.bytes(columns);
    }

    /** Decodes {@code count} elements of a row from {@code column}, both whole numbers of blocks. */
    void decode(int row, int column, int count, float[] target, int at) {
        Decoder.decode(format, bytes, row * rowBytes() + format.bytes(column), target, at, count);
    }
}

package dev.crema.jvm.vector;

import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import java.lang.foreign.MemorySegment;

/** A weight [rows, columns] in memory outside the heap: in the checkpoint's format, or that repacked as {@link Packed} says. */
record Matrix(DType format, int rows, int columns, MemorySegment bytes, boolean packed) {
    static Matrix of(Weight weight, MemorySegment bytes, boolean packed) {
        return new Matrix(weight.dtype(), weight.shape().extent(0), weight.shape().last(), bytes, packed);
    }

    /** Of {@link Packed#ROWS} rows. */
    long groupBytes() {
        return Packed.groupBytes(format, columns);
    }

    long rowBytes() {
        return format.bytes(columns);
    }

    /** Decodes {@code count} elements of a row from {@code column}, both whole numbers of blocks. */
    void decode(int row, int column, int count, float[] target, int at) {
        if (packed) {
            Packed.decode(this, row, column, count, target, at);
            return;
        }
        Decoder.decode(format, bytes, row * rowBytes() + format.bytes(column), target, at, count);
    }
}

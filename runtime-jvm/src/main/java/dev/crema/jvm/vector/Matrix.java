package dev.crema.jvm.vector;

import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import java.lang.foreign.MemorySegment;

/** A weight [rows, columns] in memory outside the heap: in the checkpoint's format, or that repacked as {@link Packed} says. */
final class Matrix {
    private final DType format;
    private final int rows;
    private final int columns;
    private final boolean packed;
    /** As the checkpoint has it, for one that {@link LateWeights} will pack; else null. */
    private final MemorySegment source;
    /** Null while it waits to be packed. */
    private MemorySegment bytes;

    private Matrix(DType format, int rows, int columns, MemorySegment bytes, boolean packed, MemorySegment source) {
        this.format = format;
        this.rows = rows;
        this.columns = columns;
        this.bytes = bytes;
        this.packed = packed;
        this.source = source;
    }

    Matrix(DType format, int rows, int columns, MemorySegment bytes, boolean packed) {
        this(format, rows, columns, bytes, packed, null);
    }

    static Matrix of(Weight weight, MemorySegment bytes, boolean packed) {
        return new Matrix(weight.dtype(), weight.shape().extent(0), weight.shape().last(), bytes, packed);
    }

    /** One that gets its packed bytes later. */
    static Matrix late(Weight weight, MemorySegment source) {
        return new Matrix(weight.dtype(), weight.shape().extent(0), weight.shape().last(), null, true, source);
    }

    DType format() {
        return format;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    /** Whether {@link #bytes} are as {@link Packed} says. */
    boolean packed() {
        return packed;
    }

    /** Of a late one only when {@link LateWeights} has given it some. */
    MemorySegment bytes() {
        return bytes;
    }

    /** Gives a late one its packed bytes, or takes them (null); no step may run. */
    void setBytes(MemorySegment bytes) {
        this.bytes = bytes;
    }

    /** Of {@link Packed#ROWS} rows. */
    long groupBytes() {
        return Packed.groupBytes(format, columns);
    }

    long rowBytes() {
        return format.bytes(columns);
    }

    /** Decodes {@code count} elements of a row from {@code column}, both whole numbers of blocks; the same numbers whether packed or not. */
    void decode(int row, int column, int count, float[] target, int at) {
        if (packed && bytes != null) {
            Packed.decode(this, row, column, count, target, at);
            return;
        }
        Decoder.decode(format, packed ? source : bytes, row * rowBytes() + format.bytes(column), target, at, count);
    }
}

package dev.crema.conformance;

import dev.crema.tensor.DType;

/** Sizes around the edges of lanes, workgroups and blocks. */
final class Sizes {
    static final DType[] FORMATS = {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0};
    static final DType[] VECTOR_FORMATS = {DType.F32, DType.F16, DType.BF16};
    static final int[] ALL = {1, 31, 32, 33, 63, 64, 65, 255, 256, 257, 1000, 4098};
    /** The same edges in whole blocks of 32. */
    private static final int[] BLOCKED = {32, 64, 96, 256, 288, 992, 4128};

    private Sizes() { }

    /** Lengths that a row of weights in this format can have. */
    static int[] rowsOf(DType format) {
        return format.blockSize() == 1 ? ALL : BLOCKED;
    }

    static String nameOf(DType format) {
        return (format + "").toLowerCase();
    }
}

package dev.crema.web.wasm;

import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/** The formats whose rows are put together by fours after the upload (dev.crema.kernels.Quads), for mat-muls with integers. */
final class QuadFormats {
    /** Elements of a block of activations. */
    static final int BLOCK = 32;
    /** Of such a mat-mul: a tile of sums, and what one step unpacks. */
    static final int SCRATCH_BYTES = 32 * 16 + 192;

    /** What multiplies a format: kernels that make x integers, in so many bytes a block, and that multiply. */
    record Kernel(String quantise, int blockBytes, String matMul) { }

    private static final Kernel Q4_0 = new Kernel("quantise_bytes", 48, "matMulQ4_0_rows");
    private static final Kernel OTHERS = new Kernel("quantise_bytes", 48, "matMulQuads_rows");
    private static final Kernel Q8_0 = new Kernel("quantise_wide", 80, "matMulQ8_0_rows");

    private QuadFormats() { }

    /** Null where there is none. */
    static Kernel of(DType format) {
        return switch (format) {
            case Q4_0 -> Q4_0;
            case Q8_0 -> Q8_0;
            case Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, MXFP4 -> OTHERS;
            default -> null;
        };
    }

    /** Rows of a weight that stand together by fours; 0 for those that stay as they are: vectors, and stacks of matrices that would share four. */
    static int rows(Weight weight) {
        Shape shape = weight.shape();
        if (of(weight.dtype()) == null || shape.rank() == 1) {
            return 0;
        }
        boolean shares = shape.rank() == 3 && shape.extent(1) % 4 != 0;
        return shares ? 0 : (int) (shape.elements() / shape.last()) & -4;
    }
}

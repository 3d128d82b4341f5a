package dev.crema.conformance;

import dev.crema.tensor.DType;

import java.util.List;

/** Cases to measure, not to check: mat-muls as large as those of models, where the work outweighs a launch. */
final class SpeedCases {
    private static final DType[] FORMATS = {
        DType.F32, DType.F16, DType.BF16, DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q8_0, DType.Q2_K, DType.Q3_K, DType.Q4_K, DType.Q5_K,
        DType.Q6_K, DType.IQ4_NL, DType.IQ4_XS, DType.MXFP4
    };
    /** Decode, a small batch, prefill. */
    private static final int[] ROWS = {1, 4, 128};
    /** Input and output features: a small model's, a 7B's o_proj, its gate. */
    private static final int[][] SHAPES = {{1024, 1024}, {4096, 4096}, {4096, 14336}};

    private SpeedCases() { }

    /** {@code speed/matMul/q4_0/rows1_in4096_out4096} and the like. */
    static List<Case> all() {
        var list = new CaseList();
        for (DType format : FORMATS) {
            for (int[] shape : SHAPES) {
                for (int rows : ROWS) {
                    MatMulCases.matMul(list, "speed/matMul/", format, rows, shape[0], shape[1], null);
                }
            }
        }
        return list.cases;
    }
}

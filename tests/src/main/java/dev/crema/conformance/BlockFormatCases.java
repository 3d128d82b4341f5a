package dev.crema.conformance;

import dev.crema.tensor.DType;

/** Embeddings and mat-muls with the rest of the block formats of GGUF: only the reading of a weight differs, so few sizes do. */
final class BlockFormatCases {
    private static final DType[] FORMATS = {DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q2_K, DType.Q3_K, DType.Q4_K, DType.Q5_K, DType.Q6_K,
        DType.IQ4_NL, DType.IQ4_XS, DType.MXFP4, DType.IQ2_LEVELS};

    private BlockFormatCases() { }

    static void addTo(CaseList list) {
        for (DType format : FORMATS) {
            int block = format.blockSize();
            RowCases.embed(list, format, 5, 77, block);
            RowCases.embed(list, format, 5, 77, 3 * block);
            for (int rows : new int[] {1, 3, 7, 64}) {
                MatMulCases.matMul(list, format, rows, 3 * block, 33, null);
            }
            MatMulCases.matMul(list, format, 1, block, 65, null);
            MatMulCases.matMul(list, format, 1, 2304, 17, null);
            MatMulCases.matMul(list, format, 9, 1280, 17, DType.F32);
        }
    }
}

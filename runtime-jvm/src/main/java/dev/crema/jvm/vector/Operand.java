package dev.crema.jvm.vector;

/**
 * The rows of x in the forms that kernels take.
 *
 * @param xs    as they are
 * @param tiles for {@link Gemm}
 * @param few   whole numbers for {@link PackedDot}, null where no weight is packed
 * @param many  whole numbers for {@link IntGemm}, null where no weight is for it
 */
record Operand(float[] xs, RowTiles tiles, IntRows few, IntRows many) { }

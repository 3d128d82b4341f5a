package dev.crema.jvm.vector;

/**
 * The rows of x in the forms that kernels take.
 *
 * @param xs    as they are
 * @param tiles many, for {@link Gemm}
 * @param ints  many in whole numbers, for {@link IntGemm}
 * @param few   a few in whole numbers, for {@link PackedDot}; null where no weight is packed
 */
record Operand(float[] xs, RowTiles tiles, IntTiles ints, IntRows few) {
    /** Makes sure that so many elements will have room in the tiles that the weights need. */
    void reserve(int size, Matrix[] weights) {
        for (Matrix weight : weights) {
            if (IntGemm.supports(weight)) {
                ints.reserve(size);
            } else {
                tiles.reserve(size);
            }
        }
    }
}

package dev.crema.jvm.vector;

/**
 * Products with few rows: each row of weights is read once. One row of x meets it in registers; several rows, or
 * formats without a {@link Dot}, share a decoded piece.
 */
final class MatVec {
    /** Elements decoded at once: with as many of x they fill half of the first cache. */
    static final int PIECE = 1024;

    private MatVec() { }

    /** {@code out[r][f] = x[r]·weight[f] + bias[f]} for features {@code from .. to-1}; bias may be null, scratch has {@link #PIECE} elements. */
    static void multiply(float[] x, int rows, Matrix weight, float[] bias, float[] out, int from, int to, float[] scratch) {
        int columns = weight.columns();
        int features = weight.rows();
        for (int feature = from; feature < to; feature++) {
            float offset = bias == null ? 0 : bias[feature];
            if (rows == 1 && Dot.supports(weight.format())) {
                out[feature] = offset + Dot.dot(weight.format(), weight.bytes(), feature * weight.rowBytes(), x, 0, columns);
                continue;
            }
            for (int row = 0; row < rows; row++) {
                out[row * features + feature] = offset;
            }
            for (int column = 0; column < columns; column += PIECE) {
                int count = Math.min(PIECE, columns - column);
                weight.decode(feature, column, count, scratch, 0);
                for (int row = 0; row < rows; row++) {
                    out[row * features + feature] += Lanes.dot(scratch, 0, x, row * columns + column, count);
                }
            }
        }
    }
}

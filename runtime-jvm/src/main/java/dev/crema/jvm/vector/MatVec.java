package dev.crema.jvm.vector;

/**
 * Products with few rows: each row of weights is read from memory once and meets the rows of x while it is in the first cache, in registers
 * where its format has a {@link Dot}, else decoded piece by piece. A row of x gives the same bits in any company.
 */
final class MatVec {
    /** Elements decoded at once: with as many of x they fill half of the first cache. */
    static final int PIECE = 1024;

    private MatVec() { }

    /** {@code out[r][f] = x[r]·weight[f] + bias[f]} for features {@code from .. to-1}; bias may be null, scratch has {@link #PIECE} elements. */
    static void multiply(float[] x, RowList rows, Matrix weight, float[] bias, float[] out, int from, int to, float[] scratch) {
        boolean inRegisters = Dot.supports(weight.format());
        for (int feature = from; feature < to; feature++) {
            float offset = bias == null ? 0 : bias[feature];
            if (inRegisters) {
                dots(x, rows, weight, offset, out, feature);
            } else {
                pieces(x, rows, weight, offset, out, feature, scratch);
            }
        }
    }

    private static void dots(float[] x, RowList rows, Matrix weight, float offset, float[] out, int feature) {
        int columns = weight.columns();
        long at = feature * weight.rowBytes();
        for (int i = rows.first; i < rows.first + rows.count; i++) {
            float product = Dot.dot(weight.format(), weight.bytes(), at, x, rows.x[i] * columns, columns);
            out[rows.out[i] * weight.rows() + feature] = offset + product;
        }
    }

    private static void pieces(float[] x, RowList rows, Matrix weight, float offset, float[] out, int feature, float[] scratch) {
        int columns = weight.columns();
        for (int i = rows.first; i < rows.first + rows.count; i++) {
            out[rows.out[i] * weight.rows() + feature] = offset;
        }
        for (int column = 0; column < columns; column += PIECE) {
            int count = Math.min(PIECE, columns - column);
            weight.decode(feature, column, count, scratch, 0);
            for (int i = rows.first; i < rows.first + rows.count; i++) {
                out[rows.out[i] * weight.rows() + feature] += Lanes.dot(scratch, 0, x, rows.x[i] * columns + column, count);
            }
        }
    }
}

package dev.crema.reference;

import dev.crema.device.FlatBatch;
import dev.crema.graph.Op;

/** Ops that move rows and compute nothing. */
final class Rows {
    private Rows() { }

    /** {@code out[t] = table[index of t]}: table [vocab, hidden], out [rows, hidden]. */
    static void embed(float[] table, Op.Index index, FlatBatch batch, int rows, int hidden, float[] out) {
        for (int t = 0; t < rows; t++) {
            System.arraycopy(table, batch.row(index, t) * hidden, out, t * hidden, hidden);
        }
    }

    /** Of each head m channels of a, then n of b: a [heads, m], b [heads, n], out [heads, m + n]. */
    static void join(float[] a, int m, float[] b, int n, int heads, float[] out) {
        for (int head = 0; head < heads; head++) {
            System.arraycopy(a, head * m, out, head * (m + n), m);
            System.arraycopy(b, head * n, out, head * (m + n) + m, n);
        }
    }

    /** {@code out[r] = x[tokens[r]]}: x [tokens, n], out [rows, n]. */
    static void select(float[] x, int[] tokens, int rows, int n, float[] out) {
        for (int r = 0; r < rows; r++) {
            System.arraycopy(x, tokens[r] * n, out, r * n, n);
        }
    }
}

package dev.crema.reference;

import dev.crema.graph.Op;

/** Products with the matrices of a row's experts; see {@link Op.ExpertMatMul}. */
final class Experts {
    private Experts() { }

    /** weight [experts, features, in], bias [experts, features] or null, routes [rows, 2*topK]. */
    static void matMul(Op.ExpertMatMul op, float[] x, float[] routes, float[] weight, float[] bias, int rows, float[] out) {
        int topK = op.routes().channels() / 2;
        int features = op.weight().shape().extent(1);
        int in = op.weight().shape().last();
        boolean shared = op.x().channels() == in;
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < topK; i++) {
                int expert = (int) routes[row * 2 * topK + i];
                int entry = row * topK + i;
                matVec(x, (shared ? row : entry) * in, weight, bias, expert * features, in, features, out, entry * features);
            }
        }
    }

    /** One row with the {@code features} rows of the weight from {@code first} on. */
    private static void matVec(float[] x, int from, float[] weight, float[] bias, int first, int in, int features, float[] out, int to) {
        for (int f = 0; f < features; f++) {
            out[to + f] = Linear.dot(x, from, weight, (first + f) * in, in) + (bias == null ? 0 : bias[first + f]);
        }
    }

    /** {@code out = sum of weight * x} over the experts of each row: x [rows, topK*n], out [rows, n]. */
    static void sum(float[] x, float[] routes, int topK, int rows, int n, float[] out) {
        for (int row = 0; row < rows; row++) {
            for (int c = 0; c < n; c++) {
                float sum = 0;
                for (int i = 0; i < topK; i++) {
                    sum += routes[row * 2 * topK + topK + i] * x[(row * topK + i) * n + c];
                }
                out[row * n + c] = sum;
            }
        }
    }
}

package dev.crema.reference;

/** Matrix products. */
final class Linear {
    /** Output features of one call: Wasm engines replace a slow function by its optimised form only when it is called again. */
    private static final int BLOCK = 16;

    private Linear() { }

    /** {@code out = x · weightᵀ (+ bias)}: x [rows, in], weight [features, in], bias [features] or null, out [rows, features]. */
    static void matMul(float[] x, float[] weight, float[] bias, int rows, int in, int features, float[] out) {
        for (int feature = 0; feature < features; feature += BLOCK) {
            block(x, weight, bias, rows, in, features, feature, Math.min(feature + BLOCK, features), out);
        }
    }

    private static void block(float[] x, float[] weight, float[] bias, int rows, int in, int features, int from, int to, float[] out) {
        for (int feature = from; feature < to; feature++) {
            float offset = bias == null ? 0 : bias[feature];
            for (int row = 0; row < rows; row++) {
                out[row * features + feature] = dot(x, row * in, weight, feature * in, in) + offset;
            }
        }
    }

    /** The sum of products; four partial sums, because each addition has to wait for the one before. */
    static float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            sum0 += a[aFrom + i] * b[bFrom + i];
            sum1 += a[aFrom + i + 1] * b[bFrom + i + 1];
            sum2 += a[aFrom + i + 2] * b[bFrom + i + 2];
            sum3 += a[aFrom + i + 3] * b[bFrom + i + 3];
        }
        for (; i < n; i++) {
            sum0 += a[aFrom + i] * b[bFrom + i];
        }
        return sum0 + sum1 + (sum2 + sum3);
    }
}

package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;

/** {@code out = (x - mean) / sqrt(variance + eps) * weight + bias} of a row. */
final class LayerNorm {
    private LayerNorm() { }

    /** {@code weight} and {@code bias} may be null. */
    static void row(float[] x, int from, int n, float[] weight, float[] bias, float eps, float[] target) {
        float mean = mean(x, from, n);
        float scale = (float) (1 / Math.sqrt(variance(x, from, n, mean) + eps));
        for (int i = 0; i < n; i++) {
            target[from + i] = (x[from + i] - mean) * scale;
        }
        if (weight != null) {
            for (int i = 0; i < n; i++) {
                target[from + i] *= weight[i];
            }
        }
        if (bias != null) {
            for (int i = 0; i < n; i++) {
                target[from + i] += bias[i];
            }
        }
    }

    private static float mean(float[] x, int from, int n) {
        FloatVector sums = FloatVector.zero(F);
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            sums = FloatVector.fromArray(F, x, from + i).add(sums);
        }
        float sum = Lanes.sum(sums);
        for (; i < n; i++) {
            sum += x[from + i];
        }
        return sum / n;
    }

    private static float variance(float[] x, int from, int n, float mean) {
        FloatVector sums = FloatVector.zero(F);
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            FloatVector centred = FloatVector.fromArray(F, x, from + i).sub(mean);
            sums = centred.fma(centred, sums);
        }
        float sum = Lanes.sum(sums);
        for (; i < n; i++) {
            sum += (x[from + i] - mean) * (x[from + i] - mean);
        }
        return sum / n;
    }
}

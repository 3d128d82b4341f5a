package dev.crema.quant;

import java.util.Arrays;

/**
 * Near-optimal scale and zero point of a uniform quantiser (NeUQI, arXiv 2505.17595), instead of the extremes. With the scale fixed, the loss
 * {@code sum(w (x - s (q + z))^2)} is piecewise quadratic in the zero point {@code z}: between two places where an element changes its quant the best
 * {@code z} is the weighted mean of {@code x / s - q}. Those places are visited in order, each by one update of two sums, so the best {@code z} of
 * all is found exactly. The scale is taken from a coarse grid, then from a fine one around the best. Not thread-safe.
 */
final class NeUqi {
    private static final int COARSE = 24;
    private static final int FINE = 8;
    /** The finest and coarsest step, in steps of the extremes: at two bits much is clipped. */
    private static final float FINEST = 0.3f;
    private static final float COARSEST = 1.15f;

    float scale;
    float minimum;

    private final int top;
    private double leastLoss;
    private float[] rest = new float[0];
    private int[] whole = new int[0];
    private double[] order = new double[0];

    NeUqi(int top) {
        this.top = top;
    }

    /** {@code least} and {@code largest} are the extremes of {@code x[from .. from + count)} and differ; the weights lie at the same places. */
    void fit(float[] x, float[] w, int from, int count, float least, float largest) {
        if (rest.length < count) {
            rest = new float[count];
            whole = new int[count];
            order = new double[count];
        }
        leastLoss = Double.POSITIVE_INFINITY;
        scale = 0;
        float extremes = (largest - least) / top;
        float stride = extremes * (COARSEST - FINEST) / COARSE;
        for (int i = 0; i <= COARSE; i++) {
            sweep(x, w, from, count, extremes * FINEST + i * stride);
        }
        float around = scale;
        for (int i = -FINE + 1; i < FINE; i++) {
            sweep(x, w, from, count, around + i * stride / FINE);
        }
    }

    /** Visits every zero point at which an element changes its quant, from the largest down, that is from all quants 0 to all {@code top}. */
    private void sweep(float[] x, float[] w, int from, int count, float step) {
        if (!(step > 0)) {
            return;
        }
        double sumW = 0;
        double sum = 0;
        double squares = 0;
        int highest = Integer.MIN_VALUE;
        int lowest = Integer.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            float unit = x[from + i] / step;
            double weight = w[from + i];
            double floor = Math.floor(unit - 0.5);
            rest[i] = unit;
            whole[i] = (int) floor;
            // Sorted by what is behind the point, the index packed below it: one array of numbers, no objects.
            order[i] = Math.floor((1 - (unit - 0.5 - floor)) * (1 << 20)) * count + i;
            highest = Math.max(highest, whole[i]);
            lowest = Math.min(lowest, whole[i]);
            sumW += weight;
            sum += weight * unit;
            squares += weight * unit * unit;
        }
        if (!(sumW > 0)) {
            return;
        }
        Arrays.sort(order, 0, count);
        for (int level = highest; level > lowest - top; level--) {
            for (int n = 0; n < count; n++) {
                int i = (int) (order[n] % count);
                int quant = whole[i] - level;
                if (quant >= 0 && quant < top) {
                    double weight = w[from + i];
                    squares += weight * (1 - 2.0 * rest[i]);
                    sum -= weight;
                    rest[i]--;
                    keep((squares - sum * sum / sumW) * step * step, step, (float) (sum / sumW) * step);
                }
            }
        }
    }

    private void keep(double loss, float step, float base) {
        if (loss < leastLoss) {
            leastLoss = loss;
            scale = step;
            minimum = base;
        }
    }
}

package dev.crema.quant;

import java.util.Arrays;

/** Rounds numbers in place to what a format of the literature can hold: to study it where no device computes with it. */
public final class BlockRounding {
    /** Quantiles of a normal distribution, with an exact zero (QLoRA, arXiv 2305.14314, appendix E). */
    private static final float[] NF4 = normalQuantiles();
    /** Sign, two bits of exponent, one of fraction, over the largest: bitsandbytes' fp4. */
    private static final float[] FP4 = {-1, -2 / 3f, -0.5f, -1 / 3f, -0.25f, -1 / 6f, -1 / 192f, 0, 1 / 192f, 1 / 6f, 0.25f, 1 / 3f, 0.5f, 2 / 3f, 1};

    /** Rounds one block. */
    private interface Rounder {
        void round(float[] x, float[] w, int from, int count);
    }

    private final int block;
    private final Rounder rounder;

    private BlockRounding(int block, Rounder rounder) {
        this.block = block;
        this.rounder = rounder;
    }

    /** What the 16 codes of nf4 stand for, from -1 to 1. */
    public static float[] nf4Levels() {
        return NF4.clone();
    }

    /** Levels of {@code nf4} times the largest of a block. */
    public static BlockRounding nf4(int block) {
        return levels(block, NF4);
    }

    /** Levels of {@code fp4} times the largest of a block. */
    public static BlockRounding fp4(int block) {
        return levels(block, FP4);
    }

    /** Whole numbers of -127 to 127, the largest of a row being 127 (LLM.int8, arXiv 2208.07339, without its outlier columns). */
    public static BlockRounding int8() {
        return new BlockRounding(0, (x, w, from, count) -> toLevels(x, from, count, Levels.whole(-127, 127)));
    }

    /** {@code 2^bits} equal steps between a minimum and a maximum of a group, both floats. */
    public static BlockRounding uniform(int bits, int group, Rounding rounding) {
        var fit = new AffineFit((1 << bits) - 1, rounding, false);
        return new BlockRounding(group, (x, w, from, count) -> {
            fit.fit(x, w, from, count);
            float inverse = fit.scale == 0 ? 0 : 1 / fit.scale;
            for (int i = from; i < from + count; i++) {
                x[i] = fit.scale * fit.nearest(x[i], inverse, fit.minimum) + fit.minimum;
            }
        });
    }

    private static BlockRounding levels(int block, float[] ascending) {
        return new BlockRounding(block, (x, w, from, count) -> toLevels(x, from, count, Levels.table(ascending)));
    }

    private static void toLevels(float[] x, int from, int count, Levels levels) {
        float largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Math.abs(x[i]));
        }
        float scale = largest / levels.high();
        for (int i = from; i < from + count; i++) {
            x[i] = scale == 0 ? 0 : scale * levels.value(levels.nearest(x[i] / scale));
        }
    }

    /** Rounds rows of {@code columns}; {@code importance} is of the columns, or null. One thread at a time. */
    public void round(float[] x, int columns, float[] importance) {
        float[] w = new float[columns];
        float[] row = new float[columns];
        Arrays.fill(w, 1);
        if (importance != null) {
            System.arraycopy(importance, 0, w, 0, columns);
        }
        int size = block == 0 ? columns : block;
        for (int start = 0; start < x.length; start += columns) {
            System.arraycopy(x, start, row, 0, columns);
            for (int from = 0; from < columns; from += size) {
                rounder.round(row, w, from, Math.min(size, columns - from));
            }
            System.arraycopy(row, 0, x, start, columns);
        }
    }

    /** The normal distribution's quantiles at evenly spaced probabilities, eight above zero and seven below, over the largest. */
    private static float[] normalQuantiles() {
        double offset = 0.9677083;
        double[] levels = new double[16];
        for (int i = 0; i < 8; i++) {
            levels[8 + i] = quantile(0.5 + (offset - 0.5) * (i + 1) / 8);
            levels[i] = i < 7 ? -quantile(offset - (offset - 0.5) * i / 7) : 0;
        }
        float[] scaled = new float[16];
        for (int i = 0; i < 16; i++) {
            scaled[i] = (float) (levels[i] / levels[15]);
        }
        return scaled;
    }

    /** Where the standard normal distribution reaches {@code p}, by halving; {@code p} from 0.5 on. */
    private static double quantile(double p) {
        double low = 0;
        double high = 10;
        for (int i = 0; i < 80; i++) {
            double middle = (low + high) / 2;
            if (distribution(middle) < p) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** 0.5 + the density's integral from 0, by its series (Marsaglia, 2004). */
    private static double distribution(double x) {
        double sum = x;
        double term = x;
        for (int i = 3; i < 400; i += 2) {
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }
}

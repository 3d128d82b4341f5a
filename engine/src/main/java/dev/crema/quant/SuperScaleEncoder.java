package dev.crema.quant;

import dev.crema.tensor.Float16;

/** Super-blocks of 256 whose groups have a whole-numbered scale each: {@code x = d * scale * level}. */
final class SuperScaleEncoder implements BlockEncoder {
    private static final int BLOCK = 256;

    private final Levels levels;
    private final ScaleFit fit;
    private final int group;
    private final int low;
    private final int high;
    private final boolean search;
    private final Packer packer;
    private final byte[] quants = new byte[BLOCK];
    private final float[] fitted;
    private final int[] scales;

    /** {@code low} to {@code high} are the scales that the format knows; the packer gets them less {@code low}. */
    SuperScaleEncoder(Levels levels, int group, int low, int high, Rounding rounding, Packer packer) {
        this.levels = levels;
        this.fit = new ScaleFit(levels, rounding != Rounding.PLAIN);
        this.group = group;
        this.low = low;
        this.high = high;
        this.search = rounding != Rounding.PLAIN;
        this.packer = packer;
        fitted = new float[BLOCK / group];
        scales = new int[BLOCK / group];
    }

    @Override
    public void encode(float[] x, float[] w, int from, byte[] dst, int to) {
        float extreme = 0;
        for (int g = 0; g < fitted.length; g++) {
            fitted[g] = fit.fit(x, w, from + g * group, group);
            extreme = Math.abs(fitted[g]) > Math.abs(extreme) ? fitted[g] : extreme;
        }
        // The extreme scale becomes the lowest one, which has no counterpart above.
        float d = stored(extreme / low);
        chooseScales(x, w, from, d);
        if (search) {
            d = stored(solved(x, w, from, d));
            chooseScales(x, w, from, d);
        }
        for (int g = 0; g < scales.length; g++) {
            float scale = d * scales[g];
            float inverse = scale == 0 ? 0 : 1 / scale;
            for (int i = g * group; i < (g + 1) * group; i++) {
                quants[i] = (byte) levels.nearest(x[from + i] * inverse);
            }
            scales[g] -= low;
        }
        packer.pack(quants, scales, null, d, 0, dst, to);
    }

    private static float stored(float d) {
        return Float16.toFloat(Float16.fromFloat(d));
    }

    /** The nearest to the fitted scale, or one of its neighbours where the elements come out better. */
    private void chooseScales(float[] x, float[] w, int from, float d) {
        for (int g = 0; g < scales.length; g++) {
            int nearest = d == 0 ? 0 : Math.max(low, Math.min(high, Math.round(fitted[g] / d)));
            scales[g] = nearest;
            double leastError = Double.POSITIVE_INFINITY;
            for (int scale = nearest - 1; search && d != 0 && scale <= nearest + 1; scale++) {
                double error = scale < low || scale > high ? Double.POSITIVE_INFINITY : fit.error(x, w, from + g * group, group, d * scale);
                if (error < leastError) {
                    leastError = error;
                    scales[g] = scale;
                }
            }
        }
    }

    /** The best {@code d} for the group scales and quants as they are. */
    private float solved(float[] x, float[] w, int from, float d) {
        double product = 0;
        double square = 0;
        for (int i = 0; i < BLOCK; i++) {
            float scale = d * scales[i / group];
            float level = scale == 0 ? 0 : levels.value(levels.nearest(x[from + i] / scale)) * scales[i / group];
            product += (double) w[from + i] * x[from + i] * level;
            square += (double) w[from + i] * level * level;
        }
        return square > 0 ? (float) (product / square) : d;
    }
}

package dev.crema.quant;

import dev.crema.tensor.Float16;

/** Super-blocks of 256 whose groups have a whole-numbered scale and minimum each: {@code x = d * scale * q - dmin * min}. */
final class SuperAffineEncoder implements BlockEncoder {
    private static final int BLOCK = 256;

    private final AffineFit fit;
    private final int group;
    /** The largest scale and minimum of a group. */
    private final int most;
    private final boolean search;
    private final Packer packer;
    private final byte[] quants = new byte[BLOCK];
    private final float[] fittedScales;
    private final float[] fittedMins;
    private final int[] scales;
    private final int[] mins;
    private float d;
    private float dmin;

    SuperAffineEncoder(int top, int group, int most, Rounding rounding, Packer packer) {
        fit = new AffineFit(top, rounding, true);
        this.group = group;
        this.most = most;
        search = rounding != Rounding.PLAIN;
        this.packer = packer;
        fittedScales = new float[BLOCK / group];
        fittedMins = new float[BLOCK / group];
        scales = new int[BLOCK / group];
        mins = new int[BLOCK / group];
    }

    @Override
    public void encode(float[] x, float[] w, int from, byte[] dst, int to) {
        float largestScale = 0;
        float largestMin = 0;
        for (int g = 0; g < scales.length; g++) {
            fit.fit(x, w, from + g * group, group);
            fittedScales[g] = fit.scale;
            fittedMins[g] = -fit.minimum;
            largestScale = Math.max(largestScale, fittedScales[g]);
            largestMin = Math.max(largestMin, fittedMins[g]);
        }
        d = stored(largestScale / most);
        dmin = stored(largestMin / most);
        chooseScales(x, w, from);
        if (search) {
            solve(x, w, from);
            chooseScales(x, w, from);
        }
        for (int i = 0; i < BLOCK; i++) {
            quants[i] = (byte) quant(x[from + i], i / group);
        }
        packer.pack(quants, scales, mins, d, dmin, dst, to);
    }

    private static float stored(float value) {
        return Float16.toFloat(Float16.fromFloat(value));
    }

    private int quant(float x, int g) {
        float scale = d * scales[g];
        return fit.nearest(x, scale == 0 ? 0 : 1 / scale, -dmin * mins[g]);
    }

    private void chooseScales(float[] x, float[] w, int from) {
        for (int g = 0; g < scales.length; g++) {
            int scale = nearest(fittedScales[g], d);
            int min = nearest(fittedMins[g], dmin);
            scales[g] = scale;
            mins[g] = min;
            if (search) {
                chooseNeighbour(x, w, from + g * group, g, scale, min);
            }
        }
    }

    private int nearest(float fitted, float unit) {
        return unit == 0 ? 0 : Math.max(0, Math.min(most, Math.round(fitted / unit)));
    }

    private void chooseNeighbour(float[] x, float[] w, int from, int g, int scale, int min) {
        double leastError = Double.POSITIVE_INFINITY;
        for (int s = Math.max(0, scale - 1); s <= Math.min(most, scale + 1); s++) {
            for (int m = Math.max(0, min - 1); m <= Math.min(most, min + 1); m++) {
                double error = fit.error(x, w, from, group, d * s, -dmin * m);
                if (error < leastError) {
                    leastError = error;
                    scales[g] = s;
                    mins[g] = m;
                }
            }
        }
    }

    /** The best {@code d} and {@code dmin} for scales, minimums and quants as they are. */
    private void solve(float[] x, float[] w, int from) {
        double aa = 0;
        double ab = 0;
        double bb = 0;
        double ax = 0;
        double bx = 0;
        for (int i = 0; i < BLOCK; i++) {
            double weight = w[from + i];
            double a = scales[i / group] * quant(x[from + i], i / group);
            double b = -mins[i / group];
            aa += weight * a * a;
            ab += weight * a * b;
            bb += weight * b * b;
            ax += weight * a * x[from + i];
            bx += weight * b * x[from + i];
        }
        double determinant = aa * bb - ab * ab;
        if (bb == 0 && aa > 0) {
            d = stored((float) (ax / aa));
        } else if (determinant > 1e-9 * aa * bb) {
            float solvedD = stored((float) ((bb * ax - ab * bx) / determinant));
            float solvedMin = stored((float) ((aa * bx - ab * ax) / determinant));
            if (solvedD > 0 && solvedMin > 0) {
                d = solvedD;
                dmin = solvedMin;
            }
        }
    }
}

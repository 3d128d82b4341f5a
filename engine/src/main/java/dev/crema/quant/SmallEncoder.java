package dev.crema.quant;

import dev.crema.tensor.Float16;

/** Encoders of blocks with one scale: f16, with or without an f16 minimum, or a power of two. */
final class SmallEncoder implements BlockEncoder {
    /** Packs a block: {@code quants} are indexes of levels. */
    interface Packer {
        void pack(byte[] quants, int scaleBits, int minimumBits, byte[] dst, int to);
    }

    private static final int BLOCK = 32;

    private final Levels levels;
    private final ScaleFit scaleFit;
    private final AffineFit affineFit;
    private final boolean powerOfTwo;
    private final Packer packer;
    private final byte[] quants = new byte[BLOCK];

    private SmallEncoder(Levels levels, ScaleFit scaleFit, AffineFit affineFit, boolean powerOfTwo, Packer packer) {
        this.levels = levels;
        this.scaleFit = scaleFit;
        this.affineFit = affineFit;
        this.powerOfTwo = powerOfTwo;
        this.packer = packer;
    }

    static SmallEncoder scaled(Levels levels, Rounding rounding, Packer packer) {
        return new SmallEncoder(levels, new ScaleFit(levels, rounding != Rounding.PLAIN), null, false, packer);
    }

    static SmallEncoder powerOfTwo(Levels levels, Rounding rounding, Packer packer) {
        return new SmallEncoder(levels, new ScaleFit(levels, rounding != Rounding.PLAIN), null, true, packer);
    }

    static SmallEncoder affine(int top, Rounding rounding, Packer packer) {
        return new SmallEncoder(null, null, new AffineFit(top, rounding, false), false, packer);
    }

    @Override
    public void encode(float[] x, float[] w, int from, byte[] dst, int to) {
        if (affineFit != null) {
            affine(x, w, from, dst, to);
            return;
        }
        float scale = scaleFit.fit(x, w, from, BLOCK);
        int bits = powerOfTwo ? exponent(x, w, from, scale) : Float16.fromFloat(scale);
        float stored = powerOfTwo ? Codebook.halfPowerOfTwo(bits) : Float16.toFloat(bits);
        float inverse = stored == 0 ? 0 : 1 / stored;
        for (int i = 0; i < BLOCK; i++) {
            quants[i] = (byte) levels.nearest(x[from + i] * inverse);
        }
        packer.pack(quants, bits, 0, dst, to);
    }

    private void affine(float[] x, float[] w, int from, byte[] dst, int to) {
        affineFit.fit(x, w, from, BLOCK);
        int scaleBits = Float16.fromFloat(affineFit.scale);
        int minimumBits = Float16.fromFloat(affineFit.minimum);
        float scale = Float16.toFloat(scaleBits);
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < BLOCK; i++) {
            quants[i] = (byte) affineFit.nearest(x[from + i], inverse, Float16.toFloat(minimumBits));
        }
        packer.pack(quants, scaleBits, minimumBits, dst, to);
    }

    /** The exponent, biased by 127, with the least error of the two around the scale and the one above, which clips nothing. */
    private int exponent(float[] x, float[] w, int from, float scale) {
        int best = 0;
        double leastError = Double.POSITIVE_INFINITY;
        int around = Math.getExponent(Math.abs(scale)) + 128;
        for (int bits = Math.max(0, around - 1); bits <= Math.min(254, around + 1); bits++) {
            double error = scaleFit.error(x, w, from, BLOCK, Codebook.halfPowerOfTwo(bits));
            if (error < leastError) {
                leastError = error;
                best = bits;
            }
        }
        return best;
    }
}

package dev.crema.sampling;

/**
 * Counter-based random numbers: a pure function of seed, position and token, so that the same seed gives the same tokens on every
 * device, in any batch and in any order of evaluation. The mixer is pcg3d (Jarzynski and Olano, "Hash Functions for GPU
 * Rendering", JCGT 9(3), 2020), which WGSL computes bit for bit alike.
 */
public final class Random {
    /** No {@link #exponential} is smaller than this: half a step of 24 random bits. */
    public static final float MIN_EXPONENTIAL = 0x1p-25f;

    private Random() { }

    /** 32 random bits for one token at one position of a text. */
    public static int bits(long seed, int position, int token) {
        int x = (token + (int) (seed >>> 32) * 0x9E3779B9) * 1664525 + 1013904223;
        int y = position * 1664525 + 1013904223;
        int z = (int) seed * 1664525 + 1013904223;
        x += y * z;
        y += z * x;
        z += x * y;
        x ^= x >>> 16;
        y ^= y >>> 16;
        z ^= z >>> 16;
        x += y * z;
        return x;
    }

    /**
     * An exponentially distributed number (mean 1) from the upper 24 of {@code bits}. It is {@code -log(1-u)}, with the series near 0, where
     * the winners of a sampling race lie and where a float logarithm would lose its digits.
     */
    public static float exponential(int bits) {
        float u = Math.min((bits >>> 8) * 0x1p-24f + 0x1p-25f, 1 - 0x1p-24f);
        if (u < 0x1p-6f) {
            return u * (1 + u * (0.5f + u * (1 / 3f + u * 0.25f)));
        }
        return (float) -Math.log(1 - u);
    }
}

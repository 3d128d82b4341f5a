package dev.crema.sampling;

/**
 * Finds thresholds without sorting. Floats are ordered by their bits (as unsigned keys), and the key is found digit by digit, most
 * significant first, from sums over the candidates: four passes. A GPU finds the same key by bisection.
 */
final class Cutoff {
    private final double[] sums = new double[256];

    /** Bits of a float in an order that unsigned comparison respects: negative below positive. */
    static int key(float value) {
        int bits = Float.floatToRawIntBits(value);
        return bits < 0 ? ~bits : bits ^ 0x80000000;
    }

    /** The float with this key. */
    static float value(int key) {
        return Float.intBitsToFloat(key < 0 ? key ^ 0x80000000 : ~key);
    }

    /**
     * The largest key t such that the weights of all candidates with key >= t sum to at least {@code target}; the smallest key of all
     * where they never do. A null {@code weights} counts.
     */
    int descending(int[] keys, float[] weights, int count, double target) {
        int prefix = 0;
        double above = 0;
        for (int shift = 24; shift >= 0; shift -= 8) {
            histogram(keys, weights, count, prefix, shift);
            int digit = 255;
            while (digit > 0 && above + sums[digit] < target) {
                above += sums[digit--];
            }
            prefix |= digit << shift;
        }
        return prefix;
    }

    /** Sums the weights by the next digit, over the keys whose higher digits are {@code prefix}. */
    private void histogram(int[] keys, float[] weights, int count, int prefix, int shift) {
        java.util.Arrays.fill(sums, 0);
        // A shift by 32 is no shift in Java: the first digit has no prefix to compare.
        int mask = shift == 24 ? 0 : -1 << shift + 8;
        for (int i = 0; i < count; i++) {
            if (((keys[i] ^ prefix) & mask) == 0) {
                sums[keys[i] >>> shift & 255] += weights == null ? 1 : weights[i];
            }
        }
    }
}

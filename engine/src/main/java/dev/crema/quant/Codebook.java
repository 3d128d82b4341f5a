package dev.crema.quant;

import dev.crema.tensor.Float16;

import java.util.Arrays;

/**
 * Formats whose four bits are places in a table of 16 values: IQ4_NL (blocks of 32, f16 scale), IQ4_XS (super-blocks of 256 with 6-bit scales
 * for groups of 32), MXFP4 (blocks of 32, a power of two as scale; OCP Microscaling Formats 1.0). Low nibbles are elements 0-15 of a
 * group, high nibbles 16-31.
 */
final class Codebook implements NumberFormat {
    /** Non-uniform levels, denser near zero (ggml-common.h, kvalues_iq4nl). */
    private static final int[] NON_LINEAR = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    /** FP4 E2M1, doubled. */
    private static final int[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private enum Scale { F16, SIX_BITS, POWER_OF_TWO }

    static final Codebook IQ4_NL = new Codebook(NON_LINEAR, Scale.F16);
    static final Codebook IQ4_XS = new Codebook(NON_LINEAR, Scale.SIX_BITS);
    static final Codebook MXFP4 = new Codebook(E2M1, Scale.POWER_OF_TWO);

    private final int[] values;
    private final Scale scale;

    /** Twice what four bits are as FP4 E2M1. */
    static int doubledE2M1(int quant) {
        return E2M1[quant];
    }

    private Codebook(int[] values, Scale scale) {
        this.values = values;
        this.scale = scale;
    }

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int group = 0; group < elements / 32; group++) {
            int to = dstOffset + group * 32;
            switch (scale) {
                case F16 -> {
                    int from = srcOffset + group * 18;
                    look(src, from + 2, Float16.toFloat(NumberFormat.short16(src, from)), dst, to);
                }
                case SIX_BITS -> {
                    int from = srcOffset + group / 8 * 136;
                    look(src, from + 8 + group % 8 * 16, sixBitScale(src, from, group % 8), dst, to);
                }
                case POWER_OF_TWO -> {
                    int from = srcOffset + group * 17;
                    look(src, from + 1, halfPowerOfTwo(src[from] & 255), dst, to);
                }
            }
        }
    }

    private void look(byte[] src, int quants, float scale, float[] dst, int to) {
        for (int i = 0; i < 16; i++) {
            dst[to + i] = scale * values[src[quants + i] & 15];
            dst[to + 16 + i] = scale * values[src[quants + i] >> 4 & 15];
        }
    }

    /** f16 d, 16 bits with the high pairs, four bytes with the low nibbles. */
    private static float sixBitScale(byte[] src, int from, int group) {
        int low = src[from + 4 + group / 2] >> group % 2 * 4 & 15;
        int high = NumberFormat.short16(src, from + 2) >> 2 * group & 3;
        return Float16.toFloat(NumberFormat.short16(src, from)) * ((low | high << 4) - 32);
    }

    /** {@code 2^(e-127) / 2}, for the table holds doubled values. */
    static float halfPowerOfTwo(int exponent) {
        return exponent < 2 ? Float.intBitsToFloat(0x00200000 << exponent) : Float.intBitsToFloat(exponent - 1 << 23);
    }

    static Levels nonLinear() {
        float[] values = new float[NON_LINEAR.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = NON_LINEAR[i];
        }
        return Levels.table(values);
    }

    /** The fifteen different numbers, from -12 to 12. */
    static Levels e2m1() {
        float[] values = new float[15];
        for (int code = 0; code < 8; code++) {
            values[7 - code] = -E2M1[code];
            values[7 + code] = E2M1[code];
        }
        return Levels.table(values);
    }

    /** Turns indexes of {@link #e2m1} into codes, in place. */
    static byte[] codes(byte[] indexes) {
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = (byte) (indexes[i] >= 7 ? indexes[i] - 7 : 15 - indexes[i]);
        }
        return indexes;
    }

    /** Writes a block of 32: codes and one or two bytes of scale. */
    static void pack(byte[] codes, int scale, int scaleBytes, byte[] dst, int to) {
        dst[to] = (byte) scale;
        if (scaleBytes == 2) {
            dst[to + 1] = (byte) (scale >> 8);
        }
        for (int i = 0; i < 16; i++) {
            dst[to + scaleBytes + i] = (byte) (codes[i] | codes[16 + i] << 4);
        }
    }

    /** Writes a super-block of IQ4_XS, see {@link BlockEncoder.Packer}. */
    static void packSuper(byte[] codes, int[] scales, int[] mins, float d, float dmin, byte[] dst, int to) {
        Arrays.fill(dst, to, to + 136, (byte) 0);
        NumberFormat.putShort16(dst, to, Float16.fromFloat(d));
        int high = 0;
        for (int group = 0; group < 8; group++) {
            dst[to + 4 + group / 2] |= (byte) ((scales[group] & 15) << group % 2 * 4);
            high |= scales[group] >> 4 << 2 * group;
            for (int i = 0; i < 16; i++) {
                dst[to + 8 + group * 16 + i] = (byte) (codes[group * 32 + i] | codes[group * 32 + 16 + i] << 4);
            }
        }
        NumberFormat.putShort16(dst, to + 2, high);
    }
}

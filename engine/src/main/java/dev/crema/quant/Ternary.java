package dev.crema.quant;

import dev.crema.tensor.Float16;

/**
 * Super-blocks of 256 elements of -1, 0 or 1 times an f16 scale, which comes last. TQ2_0 has 64 bytes of two-bit quants, four elements 32 apart in a
 * byte. TQ1_0 has five elements in a byte, as a fraction of 256 whose digits in base 3 they are: 32 bytes for 160 elements that are 32
 * apart, 16 for 80 that are 16 apart, and 4 with four each for the last 16.
 */
final class Ternary implements NumberFormat {
    private static final int BLOCK = 256;
    private static final int[] POWERS = {1, 3, 9, 27, 81};

    private final boolean baseThree;

    Ternary(boolean baseThree) {
        this.baseThree = baseThree;
    }

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        int bytes = baseThree ? 54 : 66;
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * bytes;
            int to = dstOffset + block * BLOCK;
            float scale = Float16.toFloat(NumberFormat.short16(src, from + bytes - 2));
            if (baseThree) {
                digits(src, from, 32, 5, scale, dst, to);
                digits(src, from + 32, 16, 5, scale, dst, to + 160);
                digits(src, from + 48, 4, 4, scale, dst, to + 240);
            } else {
                pairs(src, from, scale, dst, to);
            }
        }
    }

    private static void digits(byte[] src, int from, int count, int digits, float scale, float[] dst, int to) {
        for (int n = 0; n < digits; n++) {
            for (int i = 0; i < count; i++) {
                int fraction = src[from + i] * POWERS[n] & 255;
                dst[to + n * count + i] = ((fraction * 3 >> 8) - 1) * scale;
            }
        }
    }

    private static void pairs(byte[] src, int from, float scale, float[] dst, int to) {
        for (int i = 0; i < BLOCK; i++) {
            int quant = src[from + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3;
            dst[to + i] = (quant - 1) * scale;
        }
    }
}

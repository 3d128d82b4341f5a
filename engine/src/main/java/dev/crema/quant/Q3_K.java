package dev.crema.quant;

import dev.crema.tensor.Float16;

import java.util.Arrays;

/**
 * Super-blocks of 256: 32 bytes of high bits, 64 bytes of 2-bit low parts, 12 bytes with 16 scales of 6 bits, f16 {@code d}:
 * {@code x = d * (scale - 32) * (low + 4 * high - 4)}. Quants lie as in {@link Q2_K}; bit n of a high byte belongs to elements 32 n on.
 */
final class Q3_K implements NumberFormat {
    private static final int BLOCK = 256;
    private static final int BYTES = 110;
    private static final int SCALES = 96;

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * BYTES;
            float d = Float16.toFloat(NumberFormat.short16(src, from + 108));
            for (int group = 0; group < 16; group++) {
                float scale = d * (scale(src, from + SCALES, group) - 32);
                int highs = from + group % 2 * 16;
                int lows = highs + 32 + group / 8 * 32;
                int shift = group % 8 / 2 * 2;
                int to = dstOffset + block * BLOCK + group * 16;
                for (int i = 0; i < 16; i++) {
                    dst[to + i] = scale * ((src[lows + i] >> shift & 3) + 4 * (src[highs + i] >> group / 2 & 1) - 4);
                }
            }
        }
    }

    /** Low four bits in bytes 0-7, two groups a byte; high two bits in bytes 8-11, four groups a byte. */
    private static int scale(byte[] src, int scales, int group) {
        int low = src[scales + group % 8] >> group / 8 * 4 & 15;
        int high = src[scales + 8 + group % 4] >> group / 4 * 2 & 3;
        return low | high << 4;
    }

    /** Writes a super-block, see {@link BlockEncoder.Packer}. */
    static void pack(byte[] quants, int[] scales, int[] mins, float d, float dmin, byte[] dst, int to) {
        Arrays.fill(dst, to, to + BYTES, (byte) 0);
        for (int group = 0; group < 16; group++) {
            dst[to + SCALES + group % 8] |= (byte) ((scales[group] & 15) << group / 8 * 4);
            dst[to + SCALES + 8 + group % 4] |= (byte) (scales[group] >> 4 << group / 4 * 2);
            int highs = to + group % 2 * 16;
            int lows = highs + 32 + group / 8 * 32;
            for (int i = 0; i < 16; i++) {
                int quant = quants[group * 16 + i];
                dst[lows + i] |= (byte) ((quant & 3) << group % 8 / 2 * 2);
                dst[highs + i] |= (byte) (quant >> 2 << group / 2);
            }
        }
        NumberFormat.putShort16(dst, to + 108, Float16.fromFloat(d));
    }
}

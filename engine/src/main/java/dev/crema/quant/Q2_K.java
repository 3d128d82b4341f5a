package dev.crema.quant;

import dev.crema.tensor.Float16;

/**
 * Super-blocks of 256: 16 bytes of 4-bit scales and minimums for groups of 16, 64 bytes of 2-bit quants, then f16 {@code d} and {@code dmin}:
 * {@code x = d * scale * q - dmin * min}. A byte of quants holds one element of each of four groups 32 apart.
 */
final class Q2_K implements NumberFormat {
    private static final int BLOCK = 256;
    private static final int BYTES = 84;

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * BYTES;
            float d = Float16.toFloat(NumberFormat.short16(src, from + 80));
            float dmin = Float16.toFloat(NumberFormat.short16(src, from + 82));
            for (int i = 0; i < BLOCK; i++) {
                int group = src[from + i / 16];
                int half = i / 128;
                int quant = src[from + 16 + half * 32 + i % 32] >> 2 * (i % 128 / 32) & 3;
                dst[dstOffset + block * BLOCK + i] = d * (group & 15) * quant - dmin * (group >> 4 & 15);
            }
        }
    }
}

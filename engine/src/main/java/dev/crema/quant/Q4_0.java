package dev.crema.quant;

import dev.crema.tensor.Float16;

/**
 * Blocks of 32: an f16 scale {@code d}, then 16 bytes whose low nibbles are elements 0-15 and high nibbles elements 16-31;
 * {@code x = d * (q - 8)}. The scale carries the sign of the largest element, which so becomes -8 exactly.
 */
final class Q4_0 implements NumberFormat.Writable {
    private static final int BLOCK = 32;
    private static final int HALF = BLOCK / 2;
    private static final int BYTES = 2 + HALF;

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * BYTES;
            int to = dstOffset + block * BLOCK;
            float scale = Float16.toFloat(NumberFormat.short16(src, from));
            for (int i = 0; i < HALF; i++) {
                int pair = src[from + 2 + i];
                dst[to + i] = ((pair & 15) - 8) * scale;
                dst[to + HALF + i] = ((pair >> 4 & 15) - 8) * scale;
            }
        }
    }

    @Override
    public void quantize(float[] src, int srcOffset, byte[] dst, int dstOffset, int elements) {
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * BLOCK;
            int to = dstOffset + block * BYTES;
            float largest = 0;
            for (int i = 0; i < BLOCK; i++) {
                largest = Math.abs(src[from + i]) > Math.abs(largest) ? src[from + i] : largest;
            }
            float scale = largest / -8;
            float inverse = scale == 0 ? 0 : 1 / scale;
            NumberFormat.putShort16(dst, to, Float16.fromFloat(scale));
            for (int i = 0; i < HALF; i++) {
                dst[to + 2 + i] = (byte) (nibble(src[from + i] * inverse) | nibble(src[from + HALF + i] * inverse) << 4);
            }
        }
    }

    /** -8..8 to 0..15; adding 8.5 and truncating is ggml's rounding. */
    private static int nibble(float x) {
        return Math.min(15, (int) (x + 8.5f));
    }
}

package dev.crema.quant;

import dev.crema.tensor.Float16;

/** Blocks of 32: an f16 scale {@code d}, then 32 signed bytes {@code q}; {@code x = d * q}. */
final class Q8_0 implements NumberFormat.Writable {
    private static final int BLOCK = 32;
    private static final int BYTES = 2 + BLOCK;

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * BYTES;
            int to = dstOffset + block * BLOCK;
            float scale = Float16.toFloat(NumberFormat.short16(src, from));
            for (int i = 0; i < BLOCK; i++) {
                dst[to + i] = src[from + 2 + i] * scale;
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
                largest = Math.max(largest, Math.abs(src[from + i]));
            }
            float scale = largest / 127;
            float inverse = scale == 0 ? 0 : 1 / scale;
            NumberFormat.putShort16(dst, to, Float16.fromFloat(scale));
            for (int i = 0; i < BLOCK; i++) {
                dst[to + 2 + i] = (byte) roundAwayFromZero(src[from + i] * inverse);
            }
        }
    }

    /** C's {@code roundf}, where Java's {@code Math.round} takes -2.5 to -2. Only for values of less than 24 bits. */
    private static int roundAwayFromZero(float x) {
        int whole = (int) x;
        float rest = Math.abs(x - whole);
        return rest >= 0.5f ? (x < 0 ? whole - 1 : whole + 1) : whole;
    }

    /** Writes a block: indexes of the levels -127 to 127, and the f16 scale. */
    static void pack(byte[] quants, int scale, byte[] dst, int to) {
        NumberFormat.putShort16(dst, to, scale);
        for (int i = 0; i < BLOCK; i++) {
            dst[to + 2 + i] = (byte) ((quants[i] & 255) - 127);
        }
    }
}

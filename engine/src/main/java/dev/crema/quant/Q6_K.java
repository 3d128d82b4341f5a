package dev.crema.quant;

import dev.crema.tensor.Float16;

import java.util.Arrays;

/**
 * Super-blocks of 256: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales for groups of 16, f16 {@code d}:
 * {@code x = d * scale * (q - 32)}. In each half of 128, elements 0-63 are the low nibbles of 64 bytes and 64-127 the high ones; a byte of
 * pairs serves four elements 32 apart.
 */
final class Q6_K implements NumberFormat {
    private static final int BLOCK = 256;
    private static final int BYTES = 210;

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * BYTES;
            float d = Float16.toFloat(NumberFormat.short16(src, from + 208));
            for (int i = 0; i < BLOCK; i++) {
                int half = i / 128;
                int inHalf = i % 128;
                int low = src[from + half * 64 + inHalf % 64] >> inHalf / 64 * 4 & 15;
                int high = src[from + 128 + half * 32 + i % 32] >> inHalf / 32 * 2 & 3;
                dst[dstOffset + block * BLOCK + i] = d * src[from + 192 + i / 16] * ((low | high << 4) - 32);
            }
        }
    }

    /** Writes a super-block, see {@link BlockEncoder.Packer}; scales come less -128. */
    static void pack(byte[] quants, int[] scales, int[] mins, float d, float dmin, byte[] dst, int to) {
        Arrays.fill(dst, to, to + BYTES, (byte) 0);
        for (int i = 0; i < BLOCK; i++) {
            int half = i / 128;
            int inHalf = i % 128;
            dst[to + half * 64 + inHalf % 64] |= (byte) ((quants[i] & 15) << inHalf / 64 * 4);
            dst[to + 128 + half * 32 + i % 32] |= (byte) (quants[i] >> 4 << inHalf / 32 * 2);
        }
        for (int group = 0; group < 16; group++) {
            dst[to + 192 + group] = (byte) (scales[group] - 128);
        }
        NumberFormat.putShort16(dst, to + 208, Float16.fromFloat(d));
    }
}

package dev.crema.quant;

import dev.crema.tensor.Float16;

import java.util.Arrays;

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
            for (int group = 0; group < 16; group++) {
                float scale = d * (src[from + group] & 15);
                float min = dmin * (src[from + group] >> 4 & 15);
                int quants = from + 16 + group / 8 * 32 + group % 2 * 16;
                int shift = group % 8 / 2 * 2;
                int to = dstOffset + block * BLOCK + group * 16;
                for (int i = 0; i < 16; i++) {
                    dst[to + i] = scale * (src[quants + i] >> shift & 3) - min;
                }
            }
        }
    }

    /** Writes a super-block, see {@link BlockEncoder.Packer}. */
    static void pack(byte[] quants, int[] scales, int[] mins, float d, float dmin, byte[] dst, int to) {
        Arrays.fill(dst, to, to + BYTES, (byte) 0);
        for (int group = 0; group < 16; group++) {
            dst[to + group] = (byte) (scales[group] | mins[group] << 4);
            int at = to + 16 + group / 8 * 32 + group % 2 * 16;
            for (int i = 0; i < 16; i++) {
                dst[at + i] |= (byte) (quants[group * 16 + i] << group % 8 / 2 * 2);
            }
        }
        NumberFormat.putShort16(dst, to + 80, Float16.fromFloat(d));
        NumberFormat.putShort16(dst, to + 82, Float16.fromFloat(dmin));
    }
}

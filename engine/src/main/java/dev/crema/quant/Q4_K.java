package dev.crema.quant;

import dev.crema.tensor.Float16;

import java.util.Arrays;

/**
 * Super-blocks of 256, Q4_K and Q5_K: f16 {@code d} and {@code dmin}, 12 bytes with eight 6-bit scales and minimums for groups of 32, for Q5_K 32
 * bytes of fifth bits, 128 bytes of nibbles: {@code x = d * scale * q - dmin * min}. A run of 32 bytes holds two groups: low
 * nibbles, then high ones; bit n of a fifth-bit byte belongs to group n.
 */
final class Q4_K implements NumberFormat {
    private static final int BLOCK = 256;
    private static final int SCALES = 4;
    private static final int FIFTH_BITS = 16;

    private final boolean fifthBit;

    Q4_K(boolean fifthBit) {
        this.fifthBit = fifthBit;
    }

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        int quants = fifthBit ? FIFTH_BITS + 32 : FIFTH_BITS;
        int bytes = quants + BLOCK / 2;
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * bytes;
            float d = Float16.toFloat(NumberFormat.short16(src, from));
            float dmin = Float16.toFloat(NumberFormat.short16(src, from + 2));
            for (int group = 0; group < 8; group++) {
                float scale = d * scale(src, from + SCALES, group);
                float min = dmin * min(src, from + SCALES, group);
                int to = dstOffset + block * BLOCK + group * 32;
                for (int i = 0; i < 32; i++) {
                    int quant = src[from + quants + group / 2 * 32 + i] >> group % 2 * 4 & 15;
                    int fifth = fifthBit ? src[from + FIFTH_BITS + i] >> group & 1 : 0;
                    dst[to + i] = scale * (quant | fifth << 4) - min;
                }
            }
        }
    }

    /** Six bits: whole in bytes 0-3 for the first four groups, else a nibble of bytes 8-11 and two bits of bytes 0-3. */
    private static int scale(byte[] src, int at, int group) {
        return group < 4 ? src[at + group] & 63 : src[at + group + 4] & 15 | (src[at + group - 4] & 0xc0) >> 2;
    }

    private static int min(byte[] src, int at, int group) {
        return group < 4 ? src[at + group + 4] & 63 : src[at + group + 4] >> 4 & 15 | (src[at + group] & 0xc0) >> 2;
    }

    /** Writes a super-block, see {@link BlockEncoder.Packer}. */
    static void pack(byte[] quants, int[] scales, int[] mins, float d, float dmin, boolean fifthBit, byte[] dst, int to) {
        int at = to + (fifthBit ? FIFTH_BITS + 32 : FIFTH_BITS);
        Arrays.fill(dst, to, at + BLOCK / 2, (byte) 0);
        NumberFormat.putShort16(dst, to, Float16.fromFloat(d));
        NumberFormat.putShort16(dst, to + 2, Float16.fromFloat(dmin));
        for (int group = 0; group < 8; group++) {
            putScale(dst, to + SCALES, group, scales[group], mins[group]);
            for (int i = 0; i < 32; i++) {
                int quant = quants[group * 32 + i];
                dst[at + group / 2 * 32 + i] |= (byte) ((quant & 15) << group % 2 * 4);
                if (fifthBit) {
                    dst[to + FIFTH_BITS + i] |= (byte) (quant >> 4 << group);
                }
            }
        }
    }

    private static void putScale(byte[] dst, int at, int group, int scale, int min) {
        if (group < 4) {
            dst[at + group] |= (byte) scale;
            dst[at + group + 4] |= (byte) min;
        } else {
            dst[at + group + 4] |= (byte) (scale & 15 | (min & 15) << 4);
            dst[at + group - 4] |= (byte) (scale >> 4 << 6);
            dst[at + group] |= (byte) (min >> 4 << 6);
        }
    }
}

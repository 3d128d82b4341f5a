package dev.crema.quant;

import dev.crema.tensor.Float16;

import java.util.Arrays;

/**
 * What devices get of IQ2_XXS, IQ2_XS and IQ2_S, exactly: the levels of each element in place of the codes of points, so that no table of points is
 * needed. Of no file. Super-blocks of 256 in 108 bytes: f16 d; two bytes of zero; 8 bytes with a scale for each 16 elements, the lower nibble
 * first; 32 bytes of signs, 64 bytes of 2-bit levels. {@code x = d / 8 * (2 scale + 1) * level}, level 8, 25 or 43. Bit n of 16 bytes of
 * signs belongs to elements 16 n on, two bits of 16 bytes of levels likewise.
 */
final class Iq2Levels implements NumberFormat {
    private static final int BLOCK = 256;
    private static final int BYTES = 108;
    private static final int SCALES = 4;
    private static final int SIGNS = 12;
    private static final int LEVELS = 44;

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * BYTES;
            float d = Float16.toFloat(NumberFormat.short16(src, from)) / 8;
            for (int i = 0; i < BLOCK; i++) {
                int scale = src[from + SCALES + i / 32] >> i / 16 % 2 * 4 & 15;
                int place = src[from + LEVELS + i / 64 * 16 + i % 16] >> i / 16 % 4 * 2 & 3;
                int sign = src[from + SIGNS + i / 128 * 16 + i % 16] >> i / 16 % 8 & 1;
                dst[dstOffset + block * BLOCK + i] = d * (2 * scale + 1) * (sign != 0 ? -level(place) : level(place));
            }
        }
    }

    /** Of 0, 1, 2; 3 is no place, and 60. */
    private static int level(int place) {
        return 8 + 17 * place + (place >> 1);
    }

    /** Writes a super-block that {@link Lattice} read. */
    static void pack(Lattice.Block block, byte[] dst, int to) {
        Arrays.fill(dst, to, to + BYTES, (byte) 0);
        NumberFormat.putShort16(dst, to, Float16.fromFloat(block.d));
        for (int i = 0; i < BLOCK; i++) {
            int quant = block.quants[i];
            dst[to + SIGNS + i / 128 * 16 + i % 16] |= (byte) ((quant < 0 ? 1 : 0) << i / 16 % 8);
            dst[to + LEVELS + i / 64 * 16 + i % 16] |= (byte) (Math.abs(quant) / 17 << i / 16 % 4 * 2);
        }
        for (int group = 0; group < 16; group++) {
            dst[to + SCALES + group / 2] |= (byte) (block.scales[group] >> 1 << group % 2 * 4);
        }
    }
}

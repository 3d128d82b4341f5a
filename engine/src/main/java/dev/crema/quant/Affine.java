package dev.crema.quant;

import dev.crema.tensor.Float16;

/**
 * The block-of-32 formats beside Q4_0 and Q8_0: Q4_1, Q5_0 and Q5_1. Elements 0-15 are low nibbles, 16-31 high nibbles; five bits take their
 * fifth from 32 bits of {@code qh}. With a minimum {@code x = d * q + m}, without {@code x = d * (q - middle)}.
 */
final class Affine implements NumberFormat {
    private static final int BLOCK = 32;
    private static final int HALF = BLOCK / 2;

    private final boolean fifthBit;
    private final boolean minimum;

    Affine(boolean fifthBit, boolean minimum) {
        this.fifthBit = fifthBit;
        this.minimum = minimum;
    }

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        int header = minimum ? 4 : 2;
        int bytes = header + (fifthBit ? 4 : 0) + HALF;
        for (int block = 0; block < elements / BLOCK; block++) {
            int from = srcOffset + block * bytes;
            int to = dstOffset + block * BLOCK;
            float scale = Float16.toFloat(NumberFormat.short16(src, from));
            float base = minimum ? Float16.toFloat(NumberFormat.short16(src, from + 2)) : 0;
            int middle = minimum ? 0 : fifthBit ? 16 : 8;
            int high = fifthBit ? NumberFormat.short16(src, from + header) | NumberFormat.short16(src, from + header + 2) << 16 : 0;
            int quants = from + bytes - HALF;
            for (int i = 0; i < HALF; i++) {
                int pair = src[quants + i];
                dst[to + i] = ((pair & 15 | (high >>> i & 1) << 4) - middle) * scale + base;
                dst[to + HALF + i] = ((pair >> 4 & 15 | (high >>> HALF + i & 1) << 4) - middle) * scale + base;
            }
        }
    }

    /** Writes a block: quants from 0, the f16 scale and, with {@code minimum}, the f16 minimum. */
    static void pack(byte[] quants, int scale, int base, boolean fifthBit, boolean minimum, byte[] dst, int to) {
        int header = minimum ? 4 : 2;
        NumberFormat.putShort16(dst, to, scale);
        if (minimum) {
            NumberFormat.putShort16(dst, to + 2, base);
        }
        int high = 0;
        int at = to + header + (fifthBit ? 4 : 0);
        for (int i = 0; i < HALF; i++) {
            dst[at + i] = (byte) (quants[i] & 15 | (quants[HALF + i] & 15) << 4);
            high |= (quants[i] >> 4 & 1) << i | (quants[HALF + i] >> 4 & 1) << HALF + i;
        }
        if (fifthBit) {
            NumberFormat.putShort16(dst, to + header, high);
            NumberFormat.putShort16(dst, to + header + 2, high >> 16);
        }
    }
}

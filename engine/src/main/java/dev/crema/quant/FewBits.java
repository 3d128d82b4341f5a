package dev.crema.quant;

import dev.crema.tensor.Float16;

/**
 * Blocks of an f16 scale and 16 bytes of quants, the first in the lowest bits. Q1_0: 128 elements of -1 or 1 times the scale, a bit each. Q2_0: 64
 * of -1, 0, 1 or 2 times the scale, two bits each.
 */
final class FewBits implements NumberFormat {
    private static final int BYTES = 18;

    private final int bits;

    FewBits(int bits) {
        this.bits = bits;
    }

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        int block = 128 / bits;
        for (int i = 0; i < elements; i++) {
            int from = srcOffset + i / block * BYTES;
            int at = i % block * bits;
            int quant = src[from + 2 + at / 8] >> at % 8 & (1 << bits) - 1;
            dst[dstOffset + i] = (bits == 1 ? 2 * quant - 1 : quant - 1) * Float16.toFloat(NumberFormat.short16(src, from));
        }
    }
}

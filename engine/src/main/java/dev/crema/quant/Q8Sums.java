package dev.crema.quant;

import dev.crema.tensor.Float16;

/**
 * Signed bytes with the sums of them, which ggml keeps for its own products: Q8_1 in blocks of 32 (f16 scale, f16 sum, quants), Q8_K in
 * super-blocks of 256 (f32 scale, quants, 16 sums). {@code x = d * q}; the sums are not read.
 */
final class Q8Sums implements NumberFormat {
    private final boolean superBlock;

    Q8Sums(boolean superBlock) {
        this.superBlock = superBlock;
    }

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        int block = superBlock ? 256 : 32;
        int bytes = superBlock ? 292 : 36;
        for (int i = 0; i < elements; i++) {
            int from = srcOffset + i / block * bytes;
            int low = NumberFormat.short16(src, from);
            float scale = superBlock ? Float.intBitsToFloat(low | NumberFormat.short16(src, from + 2) << 16) : Float16.toFloat(low);
            dst[dstOffset + i] = scale * src[from + 4 + i % block];
        }
    }
}

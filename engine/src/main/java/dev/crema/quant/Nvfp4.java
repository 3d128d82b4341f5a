package dev.crema.quant;

/**
 * Blocks of 64 elements in four groups of 16: four scales, then for each group 8 bytes of FP4 (E2M1), low nibbles first. A scale is an FP8 (E4M3) whose
 * sign bit is not looked at, but that 0x7f, no number, counts as 0. What all of a tensor is multiplied with stands in another tensor.
 */
final class Nvfp4 implements NumberFormat {
    private static final int BYTES = 36;
    private static final int GROUP = 16;

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int group = 0; group < elements / GROUP; group++) {
            int block = srcOffset + group / 4 * BYTES;
            float scale = scale(src[block + group % 4]);
            for (int i = 0; i < GROUP; i++) {
                int quant = src[block + 4 + group % 4 * 8 + i % 8] >> i / 8 * 4 & 15;
                dst[dstOffset + group * GROUP + i] = scale * Codebook.doubledE2M1(quant) / 2;
            }
        }
    }

    private static float scale(int bits) {
        int exponent = bits >> 3 & 15;
        int mantissa = bits & 7;
        if ((bits & 255) == 0x7f) {
            return 0;
        }
        return exponent == 0 ? mantissa * 0x1p-9f : Math.scalb(1 + mantissa / 8f, exponent - 7);
    }
}

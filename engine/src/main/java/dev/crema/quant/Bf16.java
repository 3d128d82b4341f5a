package dev.crema.quant;

import dev.crema.tensor.Float16;

/** bfloat16, the upper half of a binary32, rounded to nearest even. */
final class Bf16 implements NumberFormat.Writable {
    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            dst[dstOffset + i] = Float16.ofBfloat16(NumberFormat.short16(src, srcOffset + 2 * i));
        }
    }

    @Override
    public void quantize(float[] src, int srcOffset, byte[] dst, int dstOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            NumberFormat.putShort16(dst, dstOffset + 2 * i, Float16.toBfloat16(src[srcOffset + i]));
        }
    }
}

package dev.crema.quant;

import dev.crema.tensor.Float16;

/** IEEE 754 binary16, rounded to nearest even. */
final class F16 implements NumberFormat.Writable {
    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            dst[dstOffset + i] = Float16.toFloat(NumberFormat.short16(src, srcOffset + 2 * i));
        }
    }

    @Override
    public void quantize(float[] src, int srcOffset, byte[] dst, int dstOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            NumberFormat.putShort16(dst, dstOffset + 2 * i, Float16.fromFloat(src[srcOffset + i]));
        }
    }
}

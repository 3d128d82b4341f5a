package dev.crema.quant;

/** IEEE 754 binary32. */
final class F32 implements NumberFormat.Writable {
    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            int at = srcOffset + 4 * i;
            dst[dstOffset + i] = Float.intBitsToFloat(NumberFormat.short16(src, at) | NumberFormat.short16(src, at + 2) << 16);
        }
    }

    @Override
    public void quantize(float[] src, int srcOffset, byte[] dst, int dstOffset, int elements) {
        for (int i = 0; i < elements; i++) {
            int bits = Float.floatToRawIntBits(src[srcOffset + i]);
            NumberFormat.putShort16(dst, dstOffset + 4 * i, bits);
            NumberFormat.putShort16(dst, dstOffset + 4 * i + 2, bits >> 16);
        }
    }
}

package dev.crema.quant;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

/** Formats without blocks that are only read: 8-bit floats (OCP, arXiv 2209.05433), 64-bit floats, whole numbers. */
final class Plain implements NumberFormat {
    private final DType dtype;

    Plain(DType dtype) {
        this.dtype = dtype;
    }

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        int bytes = dtype.blockBytes();
        for (int i = 0; i < elements; i++) {
            long bits = 0;
            for (int b = bytes - 1; b >= 0; b--) {
                bits = bits << 8 | src[srcOffset + i * bytes + b] & 255;
            }
            dst[dstOffset + i] = value(bits);
        }
    }

    private float value(long bits) {
        return switch (dtype) {
            // The upper half of a binary16.
            case F8_E5M2 -> Float16.toFloat((int) bits << 8);
            case F8_E4M3 -> e4m3((int) bits);
            case F64 -> (float) Double.longBitsToDouble(bits);
            case I8 -> (byte) bits;
            case I16 -> (short) bits;
            case I32 -> (int) bits;
            default -> bits;
        };
    }

    /** No infinities: all bits set but the sign is NaN, the rest are numbers up to 448. */
    private static float e4m3(int bits) {
        int exponent = bits >> 3 & 15;
        int fraction = bits & 7;
        float magnitude = (bits & 127) == 127 ? Float.NaN : exponent == 0 ? fraction * 0x1p-9f
            : Float.intBitsToFloat(exponent + 120 << 23 | fraction << 20);
        return (bits & 128) == 0 ? magnitude : -magnitude;
    }
}

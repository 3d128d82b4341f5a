package dev.crema.tensor;

/** IEEE 754 binary16 and bfloat16 to and from float. Written out because TeaVM has no {@code Float.float16ToFloat}. */
public final class Float16 {
    private Float16() { }

    /** The float with the value of the binary16 in the low 16 bits; exact, NaN stays NaN. */
    public static float toFloat(int half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >>> 10) & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f800000 | fraction << 13);
        }
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | (exponent + 112) << 23 | fraction << 13);
    }

    /** The nearest binary16, ties to even; too large becomes infinite. */
    public static int fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return sign | 0x7e00;
        }
        if (magnitude >= 0x477ff000) {
            return sign | 0x7c00;
        }
        if (magnitude < 0x38800000) {
            // Subnormal: adding 0.5 aligns the fraction so that the float unit does the rounding.
            int rounded = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3f000000;
            return sign | rounded;
        }
        int rebased = magnitude - 0x38000000;
        return sign | (rebased + 0xfff + (rebased >>> 13 & 1)) >>> 13;
    }

    /** The float with the value of the bfloat16 in the low 16 bits. */
    public static float ofBfloat16(int bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest bfloat16, ties to even; NaN stays NaN. */
    public static int toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return bits >>> 16 | 0x40;
        }
        return (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
    }
}

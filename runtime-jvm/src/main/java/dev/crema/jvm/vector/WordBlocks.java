package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;
import static dev.crema.jvm.vector.Lanes.ORDER;

/**
 * Decodes the block formats whose bits lie in several places or stand for entries of a table: Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q6_K, IQ4_NL, IQ4_XS,
 * MXFP4 and what becomes of IQ2.
 * Eight quants are put together in a long, a byte each, and become floats in vectors. {@code dev.crema.quant} describes the layouts.
 */
final class WordBlocks {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);
    private static final VectorSpecies<Long> L = LongVector.SPECIES_128;
    private static final VectorSpecies<Byte> B16 = ByteVector.SPECIES_128;
    /** A number in every byte of a word is it times this. */
    private static final long EACH = 0x0101010101010101L;
    /** Leaves a sum as it is, the sign of a zero included. */
    private static final float NOTHING = -0f;
    /** ggml-common.h, kvalues_iq4nl. */
    private static final ByteVector NON_LINEAR = ByteVector.fromArray(B16,
        new byte[] {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}, 0);
    /** FP4 E2M1, doubled. */
    private static final ByteVector E2M1 = ByteVector.fromArray(B16, new byte[] {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12}, 0);

    private WordBlocks() { }

    static void decode(DType format, MemorySegment source, long offset, float[] target, int at, int count) {
        long block = offset;
        for (int i = 0; i < count; i += format.blockSize(), block += format.blockBytes()) {
            switch (format) {
                case Q4_1 -> affine(source, block + 4, 0, half(source, block), 0, half(source, block + 2), target, at + i);
                case Q5_0 -> affine(source, block + 6, source.get(INT, block + 2), half(source, block), 16, 0, target, at + i);
                case Q5_1 -> affine(source, block + 8, source.get(INT, block + 4), half(source, block), 0, half(source, block + 2), target, at + i);
                case Q2_K -> q2(source, block, target, at + i);
                case Q3_K -> q3(source, block, target, at + i);
                case Q6_K -> q6(source, block, target, at + i);
                case IQ4_NL -> nonLinear(source, block + 2, half(source, block), target, at + i);
                case IQ4_XS -> iq4xs(source, block, target, at + i);
                case MXFP4 -> fp4(source, block + 1, halfPowerOfTwo(source.get(ValueLayout.JAVA_BYTE, block) & 255), target, at + i);
                case IQ2_LEVELS -> iq2(source, block, target, at + i);
                default -> throw new IllegalArgumentException("no decoder for " + format);
            }
        }
    }

    /** 16 bytes of nibbles, 32 fifth bits; {@code middle} stands for zero. */
    private static void affine(MemorySegment source, long nibbles, int fifth, float scale, int middle, float min, float[] target, int at) {
        for (int i = 0; i < 16; i += 8) {
            long bytes = source.get(LONG, nibbles + i);
            put(less(bytes & 15 * EACH | fifths(fifth >>> i), middle), scale, min, target, at + i);
            put(less(bytes >>> 4 & 15 * EACH | fifths(fifth >>> 16 + i), middle), scale, min, target, at + 16 + i);
        }
    }

    /** Eight bits, each as the bit for 16 of a byte. */
    private static long fifths(int bits) {
        return Long.expand(bits & 255, 16 * EACH);
    }

    /** Subtracts from bytes below 128 without borrowing from the next. */
    static long less(long bytes, int middle) {
        return (bytes | 128 * EACH) - middle * EACH ^ 128 * EACH;
    }

    private static void q2(MemorySegment source, long block, float[] target, int at) {
        float d = half(source, block + 80);
        float dmin = half(source, block + 82);
        for (int group = 0; group < 16; group++) {
            int scales = source.get(ValueLayout.JAVA_BYTE, block + group);
            long quants = block + 16 + group / 8 * 32 + group % 2 * 16;
            int shift = group % 8 / 2 * 2;
            for (int i = 0; i < 16; i += 8) {
                put(source.get(LONG, quants + i) >>> shift & 3 * EACH, d * (scales & 15), -(dmin * (scales >> 4 & 15)), target, at + group * 16 + i);
            }
        }
    }

    private static void q3(MemorySegment source, long block, float[] target, int at) {
        float d = half(source, block + 108);
        for (int group = 0; group < 16; group++) {
            int low = source.get(ValueLayout.JAVA_BYTE, block + 96 + group % 8) >> group / 8 * 4 & 15;
            int high = source.get(ValueLayout.JAVA_BYTE, block + 104 + group % 4) >> group / 4 * 2 & 3;
            long highs = block + group % 2 * 16;
            long lows = highs + 32 + group / 8 * 32;
            int shift = group % 8 / 2 * 2;
            for (int i = 0; i < 16; i += 8) {
                long quants = source.get(LONG, lows + i) >>> shift & 3 * EACH | (source.get(LONG, highs + i) >>> group / 2 & EACH) << 2;
                put(less(quants, 4), d * ((low | high << 4) - 32), NOTHING, target, at + group * 16 + i);
            }
        }
    }

    private static void q6(MemorySegment source, long block, float[] target, int at) {
        float d = half(source, block + 208);
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 32; i += 8) {
                long first = source.get(LONG, block + half * 64 + i);
                long second = source.get(LONG, block + half * 64 + 32 + i);
                long high = source.get(LONG, block + 128 + half * 32 + i);
                long scales = block + 192 + half * 8 + i / 16;
                int to = at + half * 128 + i;
                sixBits(first, high << 4, d * source.get(ValueLayout.JAVA_BYTE, scales), target, to);
                sixBits(second, high << 2, d * source.get(ValueLayout.JAVA_BYTE, scales + 2), target, to + 32);
                sixBits(first >>> 4, high, d * source.get(ValueLayout.JAVA_BYTE, scales + 4), target, to + 64);
                sixBits(second >>> 4, high >>> 2, d * source.get(ValueLayout.JAVA_BYTE, scales + 6), target, to + 96);
            }
        }
    }

    private static void sixBits(long low, long high, float scale, float[] target, int to) {
        put(less(low & 15 * EACH | high & 48 * EACH, 32), scale, NOTHING, target, to);
    }

    /** f16 d, 16 bits with the high pairs of scales, four bytes with the low nibbles. */
    private static void iq4xs(MemorySegment source, long block, float[] target, int at) {
        float d = half(source, block);
        for (int group = 0; group < 8; group++) {
            int low = source.get(ValueLayout.JAVA_BYTE, block + 4 + group / 2) >> group % 2 * 4 & 15;
            int high = source.get(SHORT, block + 2) >> 2 * group & 3;
            nonLinear(source, block + 8 + group * 16, d * ((low | high << 4) - 32), target, at + group * 32);
        }
    }

    /** Levels are 8 + 17 n and one more for 2: 8, 25, 43. A byte is negated by its complement and one. */
    private static void iq2(MemorySegment source, long block, float[] target, int at) {
        float d = half(source, block) / 8;
        for (int group = 0; group < 16; group++) {
            float scale = d * (2 * (source.get(ValueLayout.JAVA_BYTE, block + 4 + group / 2) >> group % 2 * 4 & 15) + 1);
            for (int i = 0; i < 16; i += 8) {
                long places = source.get(LONG, block + 44 + group / 4 * 16 + i) >>> group % 4 * 2 & 3 * EACH;
                long minuses = source.get(LONG, block + 12 + group / 8 * 16 + i) >>> group % 8 & EACH;
                long levels = 8 * EACH + 17 * places + (places >>> 1 & EACH);
                put((levels ^ minuses * 255) + minuses, scale, NOTHING, target, at + group * 16 + i);
            }
        }
    }

    private static void nonLinear(MemorySegment source, long at, float scale, float[] target, int to) {
        ByteVector pairs = ByteVector.fromMemorySegment(B16, source, at, ORDER);
        putAll(pairs.and((byte) 15).selectFrom(NON_LINEAR), scale, target, to);
        putAll(high(pairs).selectFrom(NON_LINEAR), scale, target, to + 16);
    }

    private static void fp4(MemorySegment source, long at, float scale, float[] target, int to) {
        ByteVector pairs = ByteVector.fromMemorySegment(B16, source, at, ORDER);
        putAll(pairs.and((byte) 15).selectFrom(E2M1), scale, target, to);
        putAll(high(pairs).selectFrom(E2M1), scale, target, to + 16);
    }

    private static ByteVector high(ByteVector pairs) {
        return pairs.reinterpretAsInts().lanewise(VectorOperators.LSHR, 4).reinterpretAsBytes().and((byte) 15);
    }

    /** {@code 2^(e-127) / 2}, for the table holds doubled values. */
    private static float halfPowerOfTwo(int exponent) {
        return exponent < 2 ? Float.intBitsToFloat(0x00200000 << exponent) : Float.intBitsToFloat(exponent - 1 << 23);
    }

    private static void put(long quants, float scale, float min, float[] target, int at) {
        ByteVector bytes = LongVector.broadcast(L, quants).reinterpretAsBytes();
        ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 0)).mul(scale).add(min).intoArray(target, at);
        if (COUNT == 4) {
            ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 1)).mul(scale).add(min).intoArray(target, at + 4);
        }
    }

    private static void putAll(ByteVector bytes, float scale, float[] target, int at) {
        ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 0)).mul(scale).intoArray(target, at);
        ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 1)).mul(scale).intoArray(target, at + COUNT);
        if (COUNT == 4) {
            ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 2)).mul(scale).intoArray(target, at + 8);
            ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 3)).mul(scale).intoArray(target, at + 12);
        }
    }

    private static float half(MemorySegment source, long at) {
        return Float.float16ToFloat(source.get(SHORT, at));
    }
}

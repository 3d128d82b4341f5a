package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static dev.crema.jvm.vector.Lanes.B;
import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;
import static dev.crema.jvm.vector.Lanes.ORDER;

/**
 * Q4_K and Q5_K, of which with Q6_K most published GGUF files consist: blocks of 256 elements in groups that have a scale each, decoded eight
 * elements at a time. {@code dev.crema.quant} describes the layouts.
 */
final class SuperBlocks {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final int BLOCK = 256;
    /** Where the 6-bit scales of Q4_K and Q5_K are, and what follows them: nibbles, or fifth bits and then nibbles. */
    private static final int SCALES = 4;
    private static final int AFTER_SCALES = 16;
    private static final int FIFTH_BITS = 32;

    private SuperBlocks() { }

    static void decode(DType format, MemorySegment source, long offset, float[] target, int at, int count) {
        long block = offset;
        for (int i = 0; i < count; i += BLOCK, block += format.blockBytes()) {
            switch (format) {
                case Q4_K -> q4Block(source, block, target, at + i);
                case Q5_K -> q5Block(source, block, target, at + i);
                default -> throw new IllegalArgumentException("no decoder for " + format);
            }
        }
    }

    static float dot(DType format, MemorySegment weight, long offset, float[] x, int from, int n) {
        return switch (format) {
            case Q4_K -> q4(weight, offset, x, from, n);
            case Q5_K -> q5(weight, offset, x, from, n);
            default -> throw new IllegalArgumentException("no product for " + format);
        };
    }

    private static void q4Block(MemorySegment source, long block, float[] target, int at) {
        float d = half(source, block);
        float dmin = half(source, block + 2);
        for (int group = 0; group < 8; group++) {
            float scale = d * scale(source, block + SCALES, group);
            float min = dmin * min(source, block + SCALES, group);
            for (int i = 0; i < 32; i += 8) {
                put(four(source, block, group, i), scale, min, target, at + group * 32 + i);
            }
        }
    }

    private static void q5Block(MemorySegment source, long block, float[] target, int at) {
        float d = half(source, block);
        float dmin = half(source, block + 2);
        for (int group = 0; group < 8; group++) {
            float scale = d * scale(source, block + SCALES, group);
            float min = dmin * min(source, block + SCALES, group);
            for (int i = 0; i < 32; i += 8) {
                put(five(source, block, group, i), scale, min, target, at + group * 32 + i);
            }
        }
    }

    private static float q4(MemorySegment weight, long offset, float[] x, int from, int n) {
        FloatVector sum = FloatVector.zero(F);
        long block = offset;
        for (int i = from; i < from + n; i += BLOCK, block += 144) {
            float d = half(weight, block);
            float dmin = half(weight, block + 2);
            for (int group = 0; group < 8; group++) {
                int at = i + group * 32;
                FloatVector scale = FloatVector.broadcast(F, d * scale(weight, block + SCALES, group));
                FloatVector min = FloatVector.broadcast(F, -dmin * min(weight, block + SCALES, group));
                for (int k = 0; k < 32; k += 8) {
                    sum = times(four(weight, block, group, k), scale, min, x, at + k, sum);
                }
            }
        }
        return Lanes.sum(sum);
    }

    private static float q5(MemorySegment weight, long offset, float[] x, int from, int n) {
        FloatVector sum = FloatVector.zero(F);
        long block = offset;
        for (int i = from; i < from + n; i += BLOCK, block += 176) {
            float d = half(weight, block);
            float dmin = half(weight, block + 2);
            for (int group = 0; group < 8; group++) {
                int at = i + group * 32;
                FloatVector scale = FloatVector.broadcast(F, d * scale(weight, block + SCALES, group));
                FloatVector min = FloatVector.broadcast(F, -dmin * min(weight, block + SCALES, group));
                for (int k = 0; k < 32; k += 8) {
                    sum = times(five(weight, block, group, k), scale, min, x, at + k, sum);
                }
            }
        }
        return Lanes.sum(sum);
    }

    /** Eight quants of Q4_K from element {@code i} of a group of 32: two groups share a run of bytes. */
    private static ByteVector four(MemorySegment source, long block, int group, int i) {
        return shifted(source, block + AFTER_SCALES + group / 2 * 32 + i, group % 2 * 4).and((byte) 15);
    }

    private static ByteVector five(MemorySegment source, long block, int group, int i) {
        ByteVector low = shifted(source, block + AFTER_SCALES + FIFTH_BITS + group / 2 * 32 + i, group % 2 * 4).and((byte) 15);
        return low.or(raised(shifted(source, block + AFTER_SCALES + i, group).and((byte) 1)));
    }

    /** Eight bytes, each with its bits from {@code shift} at the bottom and what must be masked above; shifted as integers. */
    private static ByteVector shifted(MemorySegment source, long at, int shift) {
        return ByteVector.fromMemorySegment(B, source, at, ORDER).reinterpretAsInts().lanewise(VectorOperators.LSHR, shift).reinterpretAsBytes();
    }

    /** Small bytes times 16. */
    private static ByteVector raised(ByteVector bytes) {
        return bytes.reinterpretAsInts().lanewise(VectorOperators.LSHL, 4).reinterpretAsBytes();
    }

    private static void put(ByteVector quants, float scale, float min, float[] target, int at) {
        ((FloatVector) quants.convertShape(VectorOperators.B2F, F, 0)).mul(scale).sub(min).intoArray(target, at);
        if (COUNT == 4) {
            ((FloatVector) quants.convertShape(VectorOperators.B2F, F, 1)).mul(scale).sub(min).intoArray(target, at + 4);
        }
    }

    /** Adds eight products of {@code scale * quant + min} with x. */
    private static FloatVector times(ByteVector quants, FloatVector scale, FloatVector min, float[] x, int from, FloatVector sum) {
        FloatVector first = ((FloatVector) quants.convertShape(VectorOperators.B2F, F, 0)).fma(scale, min).fma(FloatVector.fromArray(F, x, from), sum);
        if (COUNT == 8) {
            return first;
        }
        return ((FloatVector) quants.convertShape(VectorOperators.B2F, F, 1)).fma(scale, min).fma(FloatVector.fromArray(F, x, from + 4), first);
    }

    private static float half(MemorySegment source, long at) {
        return Float.float16ToFloat(source.get(SHORT, at));
    }

    /** Six bits: whole in the first four bytes for the first four groups, else a nibble of the last four and two bits of the first. */
    static int scale(MemorySegment source, long scales, int group) {
        return group < 4 ? bits(source, scales + group) & 63 : bits(source, scales + group + 4) & 15 | (bits(source, scales + group - 4) & 0xc0) >> 2;
    }

    static int min(MemorySegment source, long scales, int group) {
        return group < 4 ? bits(source, scales + group + 4) & 63 : bits(source, scales + group + 4) >> 4 & 15 | (bits(source, scales + group) & 0xc0) >> 2;
    }

    private static int bits(MemorySegment source, long at) {
        return source.get(ValueLayout.JAVA_BYTE, at);
    }
}

package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static dev.crema.jvm.vector.Lanes.B;
import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;
import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.S;

/** A row of weights times a row of x, decoding in registers; one loop a number format, each with one stream of weights. */
final class Dot {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);
    private static final int BLOCK = 32;

    private Dot() { }

    /** Whether there is a loop for the format; else weights are decoded before they are multiplied. */
    static boolean supports(DType format) {
        return switch (format) {
            case F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K -> true;
            default -> false;
        };
    }

    /** The product of {@code n} weights from byte {@code offset} with x from {@code from}. */
    static float dot(DType format, MemorySegment weight, long offset, float[] x, int from, int n) {
        return switch (format) {
            case F32 -> f32(weight, offset, x, from, n);
            case F16 -> f16(weight, offset, x, from, n);
            case BF16 -> bf16(weight, offset, x, from, n);
            case Q8_0 -> q8(weight, offset, x, from, n);
            case Q4_0 -> q4(weight, offset, x, from, n);
            case Q4_K, Q5_K -> SuperBlocks.dot(format, weight, offset, x, from, n);
            default -> throw new IllegalArgumentException("no product for " + format);
        };
    }

    private static float f32(MemorySegment weight, long offset, float[] x, int from, int n) {
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int i = 0;
        for (; i <= n - 4 * COUNT; i += 4 * COUNT) {
            long at = offset + 4L * i;
            sum0 = FloatVector.fromMemorySegment(F, weight, at, ORDER).fma(FloatVector.fromArray(F, x, from + i), sum0);
            sum1 = FloatVector.fromMemorySegment(F, weight, at + 4 * COUNT, ORDER).fma(FloatVector.fromArray(F, x, from + i + COUNT), sum1);
            sum2 = FloatVector.fromMemorySegment(F, weight, at + 8 * COUNT, ORDER).fma(FloatVector.fromArray(F, x, from + i + 2 * COUNT), sum2);
            sum3 = FloatVector.fromMemorySegment(F, weight, at + 12 * COUNT, ORDER).fma(FloatVector.fromArray(F, x, from + i + 3 * COUNT), sum3);
        }
        for (; i <= n - COUNT; i += COUNT) {
            sum0 = FloatVector.fromMemorySegment(F, weight, offset + 4L * i, ORDER).fma(FloatVector.fromArray(F, x, from + i), sum0);
        }
        float sum = Lanes.sum(sum0.add(sum1).add(sum2.add(sum3)));
        for (; i < n; i++) {
            sum += weight.get(FLOAT, offset + 4L * i) * x[from + i];
        }
        return sum;
    }

    private static float f16(MemorySegment weight, long offset, float[] x, int from, int n) {
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        int i = 0;
        for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
            long at = offset + 2L * i;
            sum0 = Decoder.ofHalves(ShortVector.fromMemorySegment(S, weight, at, ORDER)).fma(FloatVector.fromArray(F, x, from + i), sum0);
            sum1 = Decoder.ofHalves(ShortVector.fromMemorySegment(S, weight, at + 2 * COUNT, ORDER))
                .fma(FloatVector.fromArray(F, x, from + i + COUNT), sum1);
        }
        float sum = Lanes.sum(sum0.add(sum1));
        for (; i < n; i++) {
            sum += Float.float16ToFloat(weight.get(SHORT, offset + 2L * i)) * x[from + i];
        }
        return sum;
    }

    private static float bf16(MemorySegment weight, long offset, float[] x, int from, int n) {
        FloatVector sum0 = FloatVector.zero(F);
        FloatVector sum1 = sum0;
        int i = 0;
        for (; i <= n - 2 * COUNT; i += 2 * COUNT) {
            long at = offset + 2L * i;
            sum0 = Decoder.ofBfloats(ShortVector.fromMemorySegment(S, weight, at, ORDER)).fma(FloatVector.fromArray(F, x, from + i), sum0);
            sum1 = Decoder.ofBfloats(ShortVector.fromMemorySegment(S, weight, at + 2 * COUNT, ORDER))
                .fma(FloatVector.fromArray(F, x, from + i + COUNT), sum1);
        }
        float sum = Lanes.sum(sum0.add(sum1));
        for (; i < n; i++) {
            sum += Float16.ofBfloat16(weight.get(SHORT, offset + 2L * i)) * x[from + i];
        }
        return sum;
    }

    private static float q8(MemorySegment weight, long offset, float[] x, int from, int n) {
        FloatVector sum = FloatVector.zero(F);
        long at = offset;
        for (int i = from; i < from + n; i += BLOCK, at += 34) {
            FloatVector scale = FloatVector.broadcast(F, Float.float16ToFloat(weight.get(SHORT, at)));
            FloatVector block = times(ByteVector.fromMemorySegment(B, weight, at + 2, ORDER), x, i, FloatVector.zero(F));
            block = times(ByteVector.fromMemorySegment(B, weight, at + 10, ORDER), x, i + 8, block);
            block = times(ByteVector.fromMemorySegment(B, weight, at + 18, ORDER), x, i + 16, block);
            block = times(ByteVector.fromMemorySegment(B, weight, at + 26, ORDER), x, i + 24, block);
            sum = block.fma(scale, sum);
        }
        return Lanes.sum(sum);
    }

    private static float q4(MemorySegment weight, long offset, float[] x, int from, int n) {
        FloatVector sum = FloatVector.zero(F);
        long at = offset;
        for (int i = from; i < from + n; i += BLOCK, at += 18) {
            FloatVector scale = FloatVector.broadcast(F, Float.float16ToFloat(weight.get(SHORT, at)));
            ByteVector first = ByteVector.fromMemorySegment(B, weight, at + 2, ORDER);
            ByteVector second = ByteVector.fromMemorySegment(B, weight, at + 10, ORDER);
            FloatVector block = times(Decoder.low(first), x, i, FloatVector.zero(F));
            block = times(Decoder.low(second), x, i + 8, block);
            block = times(Decoder.high(first), x, i + 16, block);
            block = times(Decoder.high(second), x, i + 24, block);
            sum = block.fma(scale, sum);
        }
        return Lanes.sum(sum);
    }

    /** Adds eight products of bytes with x. */
    static FloatVector times(ByteVector bytes, float[] x, int from, FloatVector sum) {
        FloatVector first = ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 0)).fma(FloatVector.fromArray(F, x, from), sum);
        if (COUNT == 8) {
            return first;
        }
        return ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 1)).fma(FloatVector.fromArray(F, x, from + 4), first);
    }
}

package dev.crema.jvm.vector;

import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static dev.crema.jvm.vector.Lanes.B;
import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;
import static dev.crema.jvm.vector.Lanes.I;
import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.S;

/**
 * Blocks of weights to floats, exactly as {@code dev.crema.quant} defines them; one loop a number format. Those of {@link SuperBlocks} and
 * {@link WordBlocks} are there.
 */
final class Decoder {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);
    private static final int BLOCK = 32;

    private Decoder() { }

    static boolean supports(DType format) {
        return Quant.supports(format);
    }

    /** Decodes {@code count} elements, a whole number of blocks, that begin at byte {@code offset}. */
    static void decode(DType format, MemorySegment source, long offset, float[] target, int at, int count) {
        switch (format) {
            case F32 -> MemorySegment.copy(source, FLOAT, offset, target, at, count);
            case F16 -> f16(source, offset, target, at, count);
            case BF16 -> bf16(source, offset, target, at, count);
            case Q8_0 -> {
                for (int i = 0; i < count; i += BLOCK) {
                    q8Block(source, offset + i / BLOCK * 34L, target, at + i);
                }
            }
            case Q4_0 -> {
                for (int i = 0; i < count; i += BLOCK) {
                    q4Block(source, offset + i / BLOCK * 18L, target, at + i);
                }
            }
            case Q4_K, Q5_K -> SuperBlocks.decode(format, source, offset, target, at, count);
            default -> WordBlocks.decode(format, source, offset, target, at, count);
        }
    }

    private static void bf16(MemorySegment source, long offset, float[] target, int at, int count) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            ofBfloats(ShortVector.fromMemorySegment(S, source, offset + 2L * i, ORDER)).intoArray(target, at + i);
        }
        for (; i < count; i++) {
            target[at + i] = Float16.ofBfloat16(source.get(SHORT, offset + 2L * i));
        }
    }

    private static void f16(MemorySegment source, long offset, float[] target, int at, int count) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            // ofHalves, by hand: a call that C2 chose not to inline would make an object of each vector.
            IntVector halves = (IntVector) ShortVector.fromMemorySegment(S, source, offset + 2L * i, ORDER).convertShape(VectorOperators.S2I, I, 0);
            FloatVector magnitude = halves.and(0x7fff).lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f);
            magnitude.reinterpretAsInts().or(halves.and(0x80000000)).reinterpretAsFloats().intoArray(target, at + i);
        }
        for (; i < count; i++) {
            target[at + i] = Float.float16ToFloat(source.get(SHORT, offset + 2L * i));
        }
    }

    /** A bfloat16 is the upper half of a float. */
    static FloatVector ofBfloats(ShortVector bits) {
        return ((IntVector) bits.convertShape(VectorOperators.S2I, I, 0)).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    /**
     * Moves exponent and fraction of binary16 to their place in a float and multiplies by 2^112, which makes up for the other bias and
     * normalises subnormals. Infinities and NaN come out as large numbers; weights have them only when they are broken.
     */
    static FloatVector ofHalves(ShortVector bits) {
        IntVector halves = (IntVector) bits.convertShape(VectorOperators.S2I, I, 0);
        FloatVector magnitude = halves.and(0x7fff).lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f);
        return magnitude.reinterpretAsInts().or(halves.and(0x80000000)).reinterpretAsFloats();
    }

    private static void q8Block(MemorySegment source, long offset, float[] target, int at) {
        float scale = Float.float16ToFloat(source.get(SHORT, offset));
        scaled(ByteVector.fromMemorySegment(B, source, offset + 2, ORDER), scale, target, at);
        scaled(ByteVector.fromMemorySegment(B, source, offset + 10, ORDER), scale, target, at + 8);
        scaled(ByteVector.fromMemorySegment(B, source, offset + 18, ORDER), scale, target, at + 16);
        scaled(ByteVector.fromMemorySegment(B, source, offset + 26, ORDER), scale, target, at + 24);
    }

    /** Low halves of the 16 bytes are elements 0 to 15, high halves 16 to 31; 8 stands for zero. */
    private static void q4Block(MemorySegment source, long offset, float[] target, int at) {
        float scale = Float.float16ToFloat(source.get(SHORT, offset));
        ByteVector first = ByteVector.fromMemorySegment(B, source, offset + 2, ORDER);
        ByteVector second = ByteVector.fromMemorySegment(B, source, offset + 10, ORDER);
        scaled(low(first), scale, target, at);
        scaled(low(second), scale, target, at + 8);
        scaled(high(first), scale, target, at + 16);
        scaled(high(second), scale, target, at + 24);
    }

    /** The lower halves of eight bytes, less the 8 that stands for zero. */
    static ByteVector low(ByteVector bytes) {
        return bytes.and((byte) 15).sub((byte) 8);
    }

    /** The upper halves; shifted as integers, because processors do not shift bytes. */
    static ByteVector high(ByteVector bytes) {
        return low(bytes.reinterpretAsInts().lanewise(VectorOperators.LSHR, 4).reinterpretAsBytes());
    }

    /** Eight signed bytes times the scale. */
    private static void scaled(ByteVector bytes, float scale, float[] target, int at) {
        ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 0)).mul(scale).intoArray(target, at);
        if (COUNT == 4) {
            ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 1)).mul(scale).intoArray(target, at + 4);
        }
    }
}

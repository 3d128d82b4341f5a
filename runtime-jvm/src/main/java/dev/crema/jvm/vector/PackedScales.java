package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.WIDE_B;
import static dev.crema.jvm.vector.Lanes.WIDE_F;
import static dev.crema.jvm.vector.Lanes.WIDE_S;

/**
 * The scales and mins of {@link Packed} weights, 32 rows side by side as well. By format, for a block or a super-block:
 *
 * <ul>
 * <li>Q4_0, Q5_0, Q8_0, IQ4_NL: {@code f16 d[32]}; MXFP4: the upper half of a float instead
 * <li>Q4_1, Q5_1: {@code f16 d[32], m[32]}
 * <li>Q4_K, Q5_K: {@code f16 d[32], dmin[32]}, then for each 32 columns {@code u8 [32][scale, min]}
 * <li>Q6_K, Q3_K, IQ2: {@code f16 d[32]}, then for each 32 columns {@code i8 [32][2]}, the scales of 16 columns each
 * <li>IQ4_XS: {@code f16 d[32]}, then for each 64 columns {@code i8 [32][2]}, the scales of 32 columns each
 * <li>Q2_K: {@code f16 d[32], dmin[32]}, then for each 16 columns {@code u8 [32][scale, min]}
 * </ul>
 */
final class PackedScales {
    private static final int ROWS = Packed.ROWS;
    private static final int LANES = WIDE_S.length();
    private static final int HALF = LANES / 2;
    /** Blocks of a super-block. */
    private static final int SUPER = Packed.SUPER_BLOCK / Packed.BLOCK;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private PackedScales() { }

    /** Bytes for so many columns of a group. */
    static long bytes(DType format, int columns) {
        return switch (format) {
            case Q4_1, Q5_1 -> columns / Packed.BLOCK * 4L * ROWS;
            case Q4_K, Q5_K -> columns / Packed.SUPER_BLOCK * (4L + 2 * SUPER) * ROWS;
            case Q2_K -> columns / Packed.SUPER_BLOCK * (4L + 4 * SUPER) * ROWS;
            case Q6_K, Q3_K, IQ2_LEVELS -> columns / Packed.SUPER_BLOCK * (2L + 2 * SUPER) * ROWS;
            case IQ4_XS -> columns / Packed.SUPER_BLOCK * (2L + SUPER) * ROWS;
            default -> columns / Packed.BLOCK * 2L * ROWS;
        };
    }

    /** Columns with a scale of their own. */
    static int group(DType format) {
        return switch (format) {
            case Q6_K, Q3_K, Q2_K, IQ2_LEVELS -> 16;
            default -> 32;
        };
    }

    /** Packs those of so many columns of one row, whole (super-)blocks, into its lane, which begins at {@code to}. */
    static void put(DType format, MemorySegment source, long from, int columns, MemorySegment target, long to) {
        for (int column = 0; column < columns; column += format.blockSize(), from += format.blockBytes(), to += bytes(format, format.blockSize())) {
            switch (format) {
                case Q4_1, Q5_1 -> {
                    target.set(SHORT, to, source.get(SHORT, from));
                    target.set(SHORT, to + 2L * ROWS, source.get(SHORT, from + 2));
                }
                case Q4_K, Q5_K -> {
                    target.set(SHORT, to, source.get(SHORT, from));
                    target.set(SHORT, to + 2L * ROWS, source.get(SHORT, from + 2));
                    for (int i = 0; i < SUPER; i++) {
                        putPair(target, to + (4L + 2 * i) * ROWS, SuperBlocks.scale(source, from + 4, i), SuperBlocks.min(source, from + 4, i));
                    }
                }
                case Q2_K -> {
                    target.set(SHORT, to, source.get(SHORT, from + 80));
                    target.set(SHORT, to + 2L * ROWS, source.get(SHORT, from + 82));
                    for (int i = 0; i < 2 * SUPER; i++) {
                        int both = source.get(BYTE, from + i);
                        putPair(target, to + (4L + 2 * i) * ROWS, both & 15, both >> 4 & 15);
                    }
                }
                case Q6_K, Q3_K, IQ2_LEVELS, IQ4_XS -> {
                    target.set(SHORT, to, source.get(SHORT, from + (format == DType.Q6_K ? 208 : format == DType.Q3_K ? 108 : 0)));
                    putGroups(format, source, from, Packed.SUPER_BLOCK / group(format), target, to + 2L * ROWS);
                }
                case MXFP4 -> target.set(SHORT, to, (short) halfPowerOfTwo(source.get(BYTE, from) & 255));
                default -> target.set(SHORT, to, source.get(SHORT, from));
            }
        }
    }

    private static void putGroups(DType format, MemorySegment source, long block, int groups, MemorySegment target, long to) {
        for (int i = 0; i < groups; i += 2) {
            putPair(target, to + (long) i * ROWS, ofGroup(format, source, block, i), ofGroup(format, source, block, i + 1));
        }
    }

    private static void putPair(MemorySegment target, long to, int first, int second) {
        target.set(BYTE, to, (byte) first);
        target.set(BYTE, to + 1, (byte) second);
    }

    /** What a group of a super-block has in its byte. */
    private static int ofGroup(DType format, MemorySegment source, long block, int group) {
        return switch (format) {
            case Q6_K -> source.get(BYTE, block + 192 + group);
            case Q3_K -> (source.get(BYTE, block + 96 + group % 8) >> group / 8 * 4 & 15 | (source.get(BYTE, block + 104 + group % 4) >> group / 4 * 2 & 3) << 4) - 32;
            case IQ4_XS -> (source.get(BYTE, block + 4 + group / 2) >> group % 2 * 4 & 15 | (source.get(SHORT, block + 2) >> 2 * group & 3) << 4) - 32;
            default -> 2 * (source.get(BYTE, block + 4 + group / 2) >> group % 2 * 4 & 15) + 1;
        };
    }

    /** The upper half of the float {@code 2^(e-127) / 2}, for MXFP4's quants are doubled. */
    private static int halfPowerOfTwo(int exponent) {
        return exponent < 2 ? 0x20 << exponent : exponent - 1 << 7;
    }

    // --- of one row ------------------------------------------------------------------------------------------------------

    /** The scale of a row in the group of a column. {@code at} is where the row's lane of scales of the (super-)block begins. */
    static float scale(DType format, MemorySegment bytes, long at, int inBlock) {
        short d = bytes.get(SHORT, at);
        return switch (format) {
            case Q4_K, Q5_K -> Float16.toFloat(d) * bytes.get(BYTE, at + (4L + inBlock / 32 * 2) * ROWS);
            case Q6_K, Q3_K -> Float16.toFloat(d) * bytes.get(BYTE, at + (2L + inBlock / 32 * 2) * ROWS + inBlock / 16 % 2);
            case IQ2_LEVELS -> Float16.toFloat(d) / 8 * bytes.get(BYTE, at + (2L + inBlock / 32 * 2) * ROWS + inBlock / 16 % 2);
            case IQ4_XS -> Float16.toFloat(d) * bytes.get(BYTE, at + (2L + inBlock / 64 * 2) * ROWS + inBlock / 32 % 2);
            case Q2_K -> Float16.toFloat(d) * bytes.get(BYTE, at + (4L + inBlock / 16 * 2) * ROWS);
            case MXFP4 -> Float16.ofBfloat16(d);
            default -> Float16.toFloat(d);
        };
    }

    /** What is added to all of the group. */
    static float min(DType format, MemorySegment bytes, long at, int inBlock) {
        return switch (format) {
            case Q4_1, Q5_1 -> Float16.toFloat(bytes.get(SHORT, at + 2L * ROWS));
            case Q4_K, Q5_K -> -(Float16.toFloat(bytes.get(SHORT, at + 2L * ROWS)) * bytes.get(BYTE, at + (4L + inBlock / 32 * 2) * ROWS + 1));
            case Q2_K -> -(Float16.toFloat(bytes.get(SHORT, at + 2L * ROWS)) * bytes.get(BYTE, at + (4L + inBlock / 16 * 2) * ROWS + 1));
            case Q5_0 -> 0;
            default -> -0f; // Leaves a zero its sign.
        };
    }

    // --- times those of x ------------------------------------------------------------------------------------------------

    /**
     * Makes floats [groups, 32] of the scales of weights from {@code at} and those of x, and adds what does not depend on single quants. A vector's even rows
     * come first, then its odd ones. Quants of four bits are seen as {@code scale * (quant - 8) + min}. No vector is handed from one of these loops to
     * the next: C2 makes objects of those.
     */
    static void set(Matrix weight, long at, IntRows x, int block, int blocks, float[] scales, float[] sums) {
        MemorySegment bytes = weight.bytes();
        for (int from = 0; from < ROWS; from += LANES) {
            long first = at + from * 2L;
            switch (weight.format()) {
                case Q4_1, Q5_1 -> {
                    scales(bytes, first, 4 * ROWS, x.scales, block, blocks, scales, from);
                    mins(bytes, first + 2 * ROWS, 16, x.plainSums, block, blocks, sums, from);
                    mins(bytes, first + 2 * ROWS, 0, x.plainSums, block, blocks, sums, from + HALF);
                }
                case MXFP4 -> upperScales(bytes, first, x.scales, block, blocks, scales, from);
                case Q4_K, Q5_K, Q6_K, Q3_K, Q2_K, IQ2_LEVELS, IQ4_XS -> {
                    for (int b = 0; b < blocks; b += SUPER) {
                        long superBlock = first + bytes(weight.format(), b * Packed.BLOCK);
                        ofSuperBlock(weight.format(), bytes, superBlock, 16, x, block + b, scales, b * ROWS, sums, from);
                        ofSuperBlock(weight.format(), bytes, superBlock, 0, x, block + b, scales, b * ROWS, sums, from + HALF);
                    }
                }
                default -> scales(bytes, first, 2 * ROWS, x.scales, block, blocks, scales, from);
            }
            if (weight.format() == DType.Q4_1 || weight.format() == DType.Q4_K) {
                middles(x.eightSums, block, blocks, scales, sums, from);
            }
        }
    }

    /** Of the even rows of a super-block, with {@code shift} 16, or the odd ones, with 0; groups are {@code to} of 32 columns and on. */
    private static void ofSuperBlock(DType format, MemorySegment bytes, long at, int shift, IntRows x, int block, float[] scales, int to, float[] sums, int from) {
        switch (format) {
            case Q4_K, Q5_K -> {
                superScales(bytes, at, shift, SUPER, x.scales, block, scales, to + from);
                superMins(bytes, at + 2 * ROWS, shift, SUPER, x.plainSums, block, sums, from);
            }
            case Q2_K -> {
                superScales(bytes, at, shift, 2 * SUPER, x.halfScales, 2 * block, scales, 2 * to + from);
                superMins(bytes, at + 2 * ROWS, shift, 2 * SUPER, x.halfSums, 2 * block, sums, from);
            }
            case IQ4_XS -> pairScales(bytes, at, shift, SUPER / 2, 1, x.scales, block, 1, scales, to + from);
            default -> pairScales(bytes, at, shift, SUPER, 0, x.scales, block, format == DType.IQ2_LEVELS ? 0.125f : 1, scales, 2 * to + from);
        }
    }

    /** A byte a group; the second of a pair is of the same block of x or, with {@code next} 1, of the next. */
    private static void pairScales(MemorySegment bytes, long at, int shift, int pairs, int next, float[] x, int block, float factor, float[] scales, int to) {
        FloatVector d = upperHalf(halves(bytes, at).lanewise(VectorOperators.LSHL, shift)).mul(factor);
        for (int i = 0; i < pairs; i++) {
            IntVector two = halves(bytes, at + (1 + i) * 2L * ROWS).lanewise(VectorOperators.LSHL, shift);
            IntVector first = two.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 24);
            int b = block + i * (1 + next);
            d.mul((FloatVector) first.convert(VectorOperators.I2F, 0)).mul(x[b]).intoArray(scales, to + 2 * i * ROWS);
            d.mul((FloatVector) two.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0)).mul(x[b + next]).intoArray(scales, to + (2 * i + 1) * ROWS);
        }
    }

    /** Of Q8_0, as floats: those of a block are 32 from {@code to}, of each vector's rows the even ones first, {@code stride} from one to the next. */
    static void apart(MemorySegment bytes, long at, int blocks, float[] scales, int to, int stride) {
        for (int from = 0; from < ROWS; from += LANES) {
            apart(bytes, at + from * 2L, blocks, scales, to + from, stride, 16);
            apart(bytes, at + from * 2L, blocks, scales, to + from + HALF, stride, 0);
        }
    }

    private static void apart(MemorySegment bytes, long at, int blocks, float[] scales, int to, int stride, int shift) {
        for (int b = 0; b < blocks; b++) {
            upperHalf(halves(bytes, at + b * 2L * ROWS).lanewise(VectorOperators.LSHL, shift)).intoArray(scales, to + b * stride);
        }
    }

    private static void upperScales(MemorySegment weight, long offset, float[] x, int block, int blocks, float[] scales, int from) {
        for (int b = 0; b < blocks; b++) {
            IntVector halves = halves(weight, offset + b * 2L * ROWS);
            halves.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().mul(x[block + b]).intoArray(scales, b * ROWS + from);
            halves.and(0xffff0000).reinterpretAsFloats().mul(x[block + b]).intoArray(scales, b * ROWS + from + HALF);
        }
    }

    private static void scales(MemorySegment weight, long offset, int stride, float[] x, int block, int blocks, float[] scales, int from) {
        for (int b = 0; b < blocks; b++) {
            IntVector halves = halves(weight, offset + b * (long) stride);
            float scale = x[block + b];
            upperHalf(halves.lanewise(VectorOperators.LSHL, 16)).mul(scale).intoArray(scales, b * ROWS + from);
            upperHalf(halves).mul(scale).intoArray(scales, b * ROWS + from + HALF);
        }
    }

    /** Mins that stand 128 bytes apart, of the even or the odd rows: C2 makes objects of vectors where one loop adds up both. */
    private static void mins(MemorySegment weight, long offset, int shift, float[] x, int block, int blocks, float[] sums, int from) {
        FloatVector sum = FloatVector.fromArray(WIDE_F, sums, from);
        for (int b = 0; b < blocks; b++) {
            FloatVector min = upperHalf(halves(weight, offset + b * 4L * ROWS).lanewise(VectorOperators.LSHL, shift));
            sum = min.fma(FloatVector.broadcast(WIDE_F, x[block + b]), sum);
        }
        sum.intoArray(sums, from);
    }

    /** What the 8 that is taken from each quant comes to. */
    private static void middles(float[] x, int block, int blocks, float[] scales, float[] sums, int from) {
        FloatVector even = FloatVector.fromArray(WIDE_F, sums, from);
        FloatVector odd = FloatVector.fromArray(WIDE_F, sums, from + HALF);
        for (int b = 0; b < blocks; b++) {
            FloatVector sum = FloatVector.broadcast(WIDE_F, x[block + b]);
            even = FloatVector.fromArray(WIDE_F, scales, b * ROWS + from).fma(sum, even);
            odd = FloatVector.fromArray(WIDE_F, scales, b * ROWS + from + HALF).fma(sum, odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }

    private static void superScales(MemorySegment weight, long offset, int shift, int groups, float[] x, int block, float[] scales, int to) {
        FloatVector d = upperHalf(halves(weight, offset).lanewise(VectorOperators.LSHL, shift));
        for (int b = 0; b < groups; b++) {
            IntVector pairs = halves(weight, offset + (4L + 2 * b) * ROWS).lanewise(VectorOperators.LSHL, shift);
            FloatVector scale = (FloatVector) pairs.lanewise(VectorOperators.LSHR, 16).and(255).convert(VectorOperators.I2F, 0);
            d.mul(scale).mul(x[block + b]).intoArray(scales, to + b * ROWS);
        }
    }

    private static void superMins(MemorySegment weight, long offset, int shift, int groups, float[] x, int block, float[] sums, int from) {
        FloatVector dmin = upperHalf(halves(weight, offset).lanewise(VectorOperators.LSHL, shift));
        FloatVector sum = FloatVector.zero(WIDE_F);
        for (int b = 0; b < groups; b++) {
            IntVector pairs = halves(weight, offset + (2L + 2 * b) * ROWS).lanewise(VectorOperators.LSHL, shift);
            FloatVector min = (FloatVector) pairs.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0);
            sum = min.fma(FloatVector.broadcast(WIDE_F, x[block + b]), sum);
        }
        FloatVector.fromArray(WIDE_F, sums, from).sub(dmin.mul(sum)).intoArray(sums, from);
    }

    static IntVector halves(MemorySegment weight, long at) {
        return ByteVector.fromMemorySegment(WIDE_B, weight, at, ORDER).reinterpretAsInts();
    }

    /** binary16 in the upper bits to floats, as {@link Decoder#ofHalves} does it. */
    static FloatVector upperHalf(IntVector bits) {
        FloatVector magnitude = bits.and(0x7fff0000).lanewise(VectorOperators.LSHR, 3).reinterpretAsFloats().mul(0x1p112f);
        return magnitude.reinterpretAsInts().or(bits.and(0x80000000)).reinterpretAsFloats();
    }
}

package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.WIDE_B;
import static dev.crema.jvm.vector.Lanes.WIDE_F;
import static dev.crema.jvm.vector.Lanes.WIDE_I;
import static dev.crema.jvm.vector.Lanes.WIDE_S;

/**
 * Q6_K and Q8_0 with 32 rows side by side, see {@link Packed}: scales, then for each 2 columns {@code [32 rows][2]} quants, a byte each, the first
 * plus 128. So the second is what is left of a short when it is shifted by 8 bits, and the first that of the short less the second, and less 128:
 * {@code q0 x0 + q1 x1 = (w - 128) x0 + (w >> 8)(x1 - 256 x0)} modulo 2^16.
 *
 * <p>Q6_K grows by three tenths, which makes it nine times as fast.
 */
final class PackedBytes {
    private static final int ROWS = Packed.ROWS;
    private static final int SUPER = Packed.SUPER_BLOCK;
    /** Columns with a scale of their own. */
    private static final int GROUP = 16;
    /** Of a super-block: {@code f16 d[32]}, then for each 32 columns {@code i8 [32][2]}, the scales of two groups. */
    static final int SCALE_BYTES = 2 * ROWS + SUPER / GROUP * ROWS;
    /** Of 32 columns. */
    static final int QUANT_BYTES = Packed.BLOCK * ROWS;
    private static final int LANES = WIDE_S.length();
    private static final int HALF = LANES / 2;
    private static final long EACH = 0x0101010101010101L;
    /** 128 in each first byte of a pair. */
    private static final long MIDDLES = 0x0080008000800080L;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);

    private PackedBytes() { }

    /** Packs so many columns of one row of Q8_0 into its lane: {@code scales} and {@code quants} are where the lane's begin. */
    static void putBlocks(MemorySegment source, long from, int columns, MemorySegment target, long scales, long quants) {
        for (int column = 0; column < columns; column += Packed.BLOCK, from += DType.Q8_0.blockBytes(), scales += 2L * ROWS) {
            target.set(SHORT, scales, source.get(SHORT, from));
            for (int i = 0; i < Packed.BLOCK; i += 8) {
                putEight(source.get(LONG, from + 2 + i), target, quants + (column + i) * (long) ROWS);
            }
        }
    }

    /** The same of Q6_K. */
    static void putSuperBlocks(MemorySegment source, long from, int columns, MemorySegment target, long scales, long quants) {
        for (int column = 0; column < columns; column += SUPER, from += DType.Q6_K.blockBytes(), scales += SCALE_BYTES) {
            target.set(SHORT, scales, source.get(SHORT, from + 208));
            for (int i = 0; i < 8; i++) {
                target.set(SHORT, scales + (1 + i) * 2L * ROWS, source.get(SHORT, from + 192 + 2 * i));
            }
            for (int half = 0; half < 2; half++) {
                for (int i = 0; i < 32; i += 8) {
                    long first = source.get(LONG, from + half * 64 + i);
                    long second = source.get(LONG, from + half * 64 + 32 + i);
                    long high = source.get(LONG, from + 128 + half * 32 + i);
                    long to = quants + (column + half * 128 + i) * (long) ROWS;
                    putEight(sixBits(first, high << 4), target, to);
                    putEight(sixBits(second, high << 2), target, to + QUANT_BYTES);
                    putEight(sixBits(first >>> 4, high), target, to + 2L * QUANT_BYTES);
                    putEight(sixBits(second >>> 4, high >>> 2), target, to + 3L * QUANT_BYTES);
                }
            }
        }
    }

    private static long sixBits(long low, long high) {
        return WordBlocks.less(low & 15 * EACH | high & 48 * EACH, 32);
    }

    private static void putEight(long bytes, MemorySegment target, long to) {
        long moved = bytes ^ MIDDLES;
        for (int i = 0; i < 4; i++) {
            target.set(SHORT, to + i * 2L * ROWS, (short) (moved >>> 16 * i));
        }
    }

    /** {@link Packed#decode}. */
    static void decode(Matrix weight, int row, int column, int count, float[] target, int at) {
        MemorySegment bytes = weight.bytes();
        boolean isSuper = weight.format() == DType.Q6_K;
        int blockSize = isSuper ? SUPER : Packed.BLOCK;
        long lane = row % ROWS * 2L;
        long group = row / ROWS * weight.groupBytes();
        for (int i = 0; i < count; i++) {
            int k = column + i;
            int inBlock = k % blockSize;
            long scales = group + Packed.scalesAt(weight.format(), k - inBlock) + lane;
            long quants = group + Packed.quantsAt(weight.format(), weight.columns(), k - inBlock) + lane;
            float d = Float16.toFloat(bytes.get(SHORT, scales));
            int scale = isSuper ? bytes.get(ValueLayout.JAVA_BYTE, scales + (1 + inBlock / Packed.BLOCK) * 2L * ROWS + k / GROUP % 2) : 1;
            short pair = bytes.get(SHORT, quants + inBlock / 2 * 2L * ROWS);
            target[at + i] = d * scale * (k % 2 == 0 ? (pair & 255) - 128 : pair >> 8);
        }
    }

    /** {@link PackedPanel#fill}; the column begins a (super-)block, and the rest is of its chunk. */
    static void fill(Matrix weight, int first, int column, int depth, float[] panel, float[] scratch) {
        long group = first / ROWS * weight.groupBytes();
        long scales = group + Packed.scalesAt(weight.format(), column);
        long quants = group + Packed.quantsAt(weight.format(), weight.columns(), column);
        for (int f = 0; f < ROWS; f += HALF) {
            if (weight.format() == DType.Q8_0) {
                for (int k = 0; k < depth; k += Packed.BLOCK) {
                    PackedPanel.half(weight.bytes(), scales + k / Packed.BLOCK * 2L * ROWS + f * 2L).intoArray(scratch, 0);
                    panelQuants(weight.bytes(), quants + k * (long) ROWS + f * 2L, Packed.BLOCK, scratch, 0, panel, k * ROWS + f);
                }
                continue;
            }
            for (int k = 0; k < depth; k += SUPER) {
                panelScales(weight.bytes(), scales + Packed.scaleBytes(DType.Q6_K, k) + f * 2L, scratch);
                for (int i = 0; i < SUPER; i += GROUP) {
                    panelQuants(weight.bytes(), quants + (k + i) * (long) ROWS + f * 2L, GROUP, scratch, i / GROUP * HALF, panel, (k + i) * ROWS + f);
                }
            }
        }
    }

    private static void panelScales(MemorySegment bytes, long at, float[] scales) {
        FloatVector d = PackedPanel.half(bytes, at);
        for (int i = 0; i < SUPER / Packed.BLOCK; i++) {
            IntVector pair = PackedPanel.shorts(bytes, at + (1 + i) * 2L * ROWS);
            IntVector low = pair.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24);
            d.mul((FloatVector) low.convert(VectorOperators.I2F, 0)).intoArray(scales, 2 * i * HALF);
            d.mul((FloatVector) pair.lanewise(VectorOperators.ASHR, 8).convert(VectorOperators.I2F, 0)).intoArray(scales, (2 * i + 1) * HALF);
        }
    }

    private static void panelQuants(MemorySegment bytes, long at, int count, float[] scales, int from, float[] panel, int to) {
        FloatVector scale = FloatVector.fromArray(WIDE_F, scales, from);
        for (int k = 0; k < count; k += 2) {
            IntVector pair = PackedPanel.shorts(bytes, at + k * (long) ROWS);
            scale.mul((FloatVector) pair.and(255).sub(128).convert(VectorOperators.I2F, 0)).intoArray(panel, to + k * ROWS);
            scale.mul((FloatVector) pair.lanewise(VectorOperators.ASHR, 8).convert(VectorOperators.I2F, 0)).intoArray(panel, to + (k + 1) * ROWS);
        }
    }

    /** Adds the products of a row of x with {@code blocks} blocks of 32 columns, of a chunk, to the sums of {@link PackedDot}. */
    static void add(Matrix weight, long group, int column, int blocks, IntRows x, int block, float[] scales, float[] sums) {
        long at = group + Packed.scalesAt(weight.format(), column);
        long quants = group + Packed.quantsAt(weight.format(), weight.columns(), column);
        for (int from = 0; from < ROWS; from += LANES) {
            if (weight.format() == DType.Q8_0) {
                PackedDot.scales(weight.bytes(), at + from * 2L, 2 * ROWS, x.scales, block, blocks, scales, from);
                blocks(weight.bytes(), quants + from * 2L, x.twoFactors, block * Packed.BLOCK, blocks, scales, sums, from);
                continue;
            }
            for (int b = 0; b < blocks; b += SUPER / Packed.BLOCK) {
                long superBlock = at + Packed.scaleBytes(DType.Q6_K, b * Packed.BLOCK) + from * 2L;
                scales(weight.bytes(), superBlock, 16, x.scales, block + b, scales, 2 * b * LANES);
                scales(weight.bytes(), superBlock, 0, x.scales, block + b, scales, 2 * b * LANES + HALF);
            }
            groups(weight.bytes(), quants + from * 2L, x.twoFactors, block * Packed.BLOCK, 2 * blocks, scales, sums, from);
        }
    }

    /** Of the even rows, with {@code shift} 16, or the odd ones, with 0. */
    private static void scales(MemorySegment bytes, long at, int shift, float[] x, int block, float[] scales, int to) {
        FloatVector d = PackedDot.upperHalf(PackedDot.halves(bytes, at).lanewise(VectorOperators.LSHL, shift));
        for (int b = 0; b < SUPER / Packed.BLOCK; b++) {
            IntVector pairs = PackedDot.halves(bytes, at + (1 + b) * 2L * ROWS).lanewise(VectorOperators.LSHL, shift);
            FloatVector scale = d.mul(x[block + b]);
            IntVector first = pairs.lanewise(VectorOperators.LSHL, 8).lanewise(VectorOperators.ASHR, 24);
            scale.mul((FloatVector) first.convert(VectorOperators.I2F, 0)).intoArray(scales, to + 2 * b * LANES);
            scale.mul((FloatVector) pairs.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0)).intoArray(scales, to + (2 * b + 1) * LANES);
        }
    }

    /**
     * Of Q8_0. Sixteen bits hold a sum of two products, not of 32, so sums are kept twice: modulo 2^16, and of what is left of each summand without its
     * lowest eight bits. What those come to is between 0 and 16 * 255, which the first sum less the second tells.
     */
    private static void blocks(MemorySegment weight, long offset, int[] x, int first, int blocks, float[] scales, float[] sums, int from) {
        FloatVector even = FloatVector.fromArray(WIDE_F, sums, from);
        FloatVector odd = FloatVector.fromArray(WIDE_F, sums, from + HALF);
        long at = offset;
        int column = first;
        for (int b = 0; b < blocks; b++) {
            ShortVector sum = ShortVector.zero(WIDE_S);
            ShortVector upper = sum;
            for (int end = column + Packed.BLOCK; column < end; column += 2, at += 2L * ROWS) {
                ShortVector two = ByteVector.fromMemorySegment(WIDE_B, weight, at, ORDER).reinterpretAsShorts();
                ShortVector products = two.sub((short) 128).mul(PackedDot.pair(x[column]))
                    .add(two.lanewise(VectorOperators.ASHR, 8).mul(PackedDot.pair(x[column + 1])));
                sum = sum.add(products);
                upper = upper.add(products.lanewise(VectorOperators.ASHR, 8));
            }
            IntVector lower = sum.sub(upper.lanewise(VectorOperators.LSHL, 8)).reinterpretAsInts();
            IntVector uppers = upper.reinterpretAsInts();
            IntVector low = uppers.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 8).add(lower.and(0xffff));
            IntVector high = uppers.and(0xffff0000).lanewise(VectorOperators.ASHR, 8).add(lower.lanewise(VectorOperators.LSHR, 16));
            int scale = b * ROWS + from;
            even = ((FloatVector) low.convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scale), even);
            odd = ((FloatVector) high.convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scale + HALF), odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }

    /** Of Q6_K: sums of four products fit. */
    private static void groups(MemorySegment weight, long offset, int[] x, int first, int groups, float[] scales, float[] sums, int from) {
        FloatVector even = FloatVector.fromArray(WIDE_F, sums, from);
        FloatVector odd = FloatVector.fromArray(WIDE_F, sums, from + HALF);
        long at = offset;
        int column = first;
        for (int g = 0; g < groups; g++) {
            IntVector low = IntVector.zero(WIDE_I);
            IntVector high = low;
            for (int end = column + GROUP; column < end; column += 4, at += 4L * ROWS) {
                ShortVector two = ByteVector.fromMemorySegment(WIDE_B, weight, at, ORDER).reinterpretAsShorts();
                ShortVector sum = two.sub((short) 128).mul(PackedDot.pair(x[column]));
                sum = sum.add(two.lanewise(VectorOperators.ASHR, 8).mul(PackedDot.pair(x[column + 1])));
                two = ByteVector.fromMemorySegment(WIDE_B, weight, at + 2L * ROWS, ORDER).reinterpretAsShorts();
                sum = sum.add(two.sub((short) 128).mul(PackedDot.pair(x[column + 2])));
                sum = sum.add(two.lanewise(VectorOperators.ASHR, 8).mul(PackedDot.pair(x[column + 3])));
                low = low.add(PackedDot.low(sum.reinterpretAsInts()));
                high = high.add(PackedDot.high(sum.reinterpretAsInts()));
            }
            even = ((FloatVector) low.convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, g * LANES), even);
            odd = ((FloatVector) high.convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, g * LANES + HALF), odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }
}

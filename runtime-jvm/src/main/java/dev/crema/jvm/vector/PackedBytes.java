package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
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
 * Quants that are bytes, with 32 rows side by side, see {@link Packed}: those of Q6_K and Q8_0, and what {@link PackedCodes} makes of others. For each 2
 * columns there are {@code [32 rows][2]}, the first plus 128. So the second is what is left of a short when it is shifted by 8 bits, and the first that of
 * the short less the second, and less 128: {@code q0 x0 + q1 x1 = (w - 128) x0 + (w >> 8)(x1 - 256 x0)} modulo 2^16.
 *
 * <p>Q6_K grows by three tenths, which makes it nine times as fast.
 */
final class PackedBytes {
    private static final int ROWS = Packed.ROWS;
    private static final int SUPER = Packed.SUPER_BLOCK;
    private static final int GROUP = 16;
    /** Of 32 columns. */
    private static final int BLOCK_BYTES = Packed.BLOCK * ROWS;
    /** Blocks of codes that become bytes at once: 8 KiB. */
    private static final int SLICE = 8;
    static final int SLICE_BYTES = SLICE * BLOCK_BYTES;
    private static final int LANES = WIDE_S.length();
    private static final int HALF = LANES / 2;
    private static final long EACH = 0x0101010101010101L;
    /** 128 in each first byte of a pair. */
    static final long MIDDLES = 0x0080008000800080L;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);

    private PackedBytes() { }

    /** Packs so many columns of one row of Q8_0 into its lane, which begins at {@code quants}. */
    static void putBlocks(MemorySegment source, long from, int columns, MemorySegment target, long quants) {
        for (int column = 0; column < columns; column += Packed.BLOCK, from += DType.Q8_0.blockBytes()) {
            for (int i = 0; i < Packed.BLOCK; i += 8) {
                putEight(source.get(LONG, from + 2 + i), target, quants + (column + i) * (long) ROWS);
            }
        }
    }

    /** The same of Q6_K. */
    static void putSuperBlocks(MemorySegment source, long from, int columns, MemorySegment target, long quants) {
        for (int column = 0; column < columns; column += SUPER, from += DType.Q6_K.blockBytes()) {
            for (int half = 0; half < 2; half++) {
                for (int i = 0; i < 32; i += 8) {
                    long first = source.get(LONG, from + half * 64 + i);
                    long second = source.get(LONG, from + half * 64 + 32 + i);
                    long high = source.get(LONG, from + 128 + half * 32 + i);
                    long to = quants + (column + half * 128 + i) * (long) ROWS;
                    putEight(sixBits(first, high << 4), target, to);
                    putEight(sixBits(second, high << 2), target, to + BLOCK_BYTES);
                    putEight(sixBits(first >>> 4, high), target, to + 2L * BLOCK_BYTES);
                    putEight(sixBits(second >>> 4, high >>> 2), target, to + 3L * BLOCK_BYTES);
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

    /** That of a column of the block that begins at {@code block}. */
    static int quant(MemorySegment bytes, long block, int column, int lane) {
        short pair = bytes.get(SHORT, block + (column / 2 * ROWS + lane) * 2L);
        return column % 2 == 0 ? (pair & 255) - 128 : pair >> 8;
    }

    /** Makes bytes of codes, in {@code scratch}; false where quants are bytes already. */
    private static boolean expand(Matrix weight, long quants, int blocks, Scratch scratch) {
        if (!PackedCodes.supports(weight.format())) {
            return false;
        }
        PackedCodes.expand(weight.format(), weight.bytes(), quants, blocks, scratch.bytes);
        return true;
    }

    // --- into panels -----------------------------------------------------------------------------------------------------

    /** {@link PackedPanel#fill}; the column begins a (super-)block, and the rest is of its chunk. */
    static void fill(Matrix weight, int first, int column, int depth, Scratch scratch) {
        long group = first / ROWS * weight.groupBytes();
        long scales = group + Packed.scalesAt(weight.format(), column);
        int columns = PackedScales.group(weight.format());
        for (int k = 0; k < depth; k += SLICE * Packed.BLOCK) {
            int count = Math.min(SLICE * Packed.BLOCK, depth - k);
            PackedPanel.scales(weight, scales + PackedScales.bytes(weight.format(), k), count, scratch.decoded);
            long quants = group + Packed.quantsAt(weight.format(), weight.columns(), column + k);
            boolean expanded = expand(weight, quants, count / Packed.BLOCK, scratch);
            for (int i = 0; i < count; i += columns) {
                long at = (expanded ? 0 : quants) + i * (long) ROWS;
                for (int f = 0; f < ROWS; f += HALF) {
                    panel(expanded ? scratch.bytes : weight.bytes(), at + f * 2L, columns, scratch.decoded, i / columns * 2 * ROWS + f, scratch.panel, (k + i) * ROWS + f);
                }
            }
        }
    }

    private static void panel(MemorySegment bytes, long at, int count, float[] scales, int from, float[] panel, int to) {
        FloatVector scale = FloatVector.fromArray(WIDE_F, scales, from);
        FloatVector min = FloatVector.fromArray(WIDE_F, scales, from + ROWS);
        for (int k = 0; k < count; k += 2) {
            IntVector pair = PackedPanel.shorts(bytes, at + k * (long) ROWS);
            ((FloatVector) pair.and(255).sub(128).convert(VectorOperators.I2F, 0)).fma(scale, min).intoArray(panel, to + k * ROWS);
            ((FloatVector) pair.lanewise(VectorOperators.ASHR, 8).convert(VectorOperators.I2F, 0)).fma(scale, min).intoArray(panel, to + (k + 1) * ROWS);
        }
    }

    // --- times x ---------------------------------------------------------------------------------------------------------

    /**
     * Adds the products of a row of x, and of another from {@code other} unless that is negative, with {@code blocks} blocks of 32 columns, of a chunk, to the
     * sums of {@link PackedDot}.
     */
    static void add(Matrix weight, long group, int column, int blocks, IntRows x, int block, int other, Scratch scratch, float[] sums, float[] otherSums) {
        long at = group + Packed.scalesAt(weight.format(), column);
        PackedScales.set(weight, at, x, block, blocks, scratch.panel, sums);
        if (other >= 0) {
            PackedScales.set(weight, at, x, other, blocks, scratch.decoded, otherSums);
        }
        int slice = PackedCodes.supports(weight.format()) ? SLICE : blocks;
        for (int b = 0; b < blocks; b += slice) {
            int some = Math.min(slice, blocks - b);
            long quants = group + Packed.quantsAt(weight.format(), weight.columns(), column + b * Packed.BLOCK);
            boolean expanded = expand(weight, quants, some, scratch);
            MemorySegment bytes = expanded ? scratch.bytes : weight.bytes();
            multiply(weight.format(), bytes, expanded ? 0 : quants, x.twoFactors, block + b, some, scratch.panel, b, sums);
            if (other >= 0) {
                multiply(weight.format(), bytes, expanded ? 0 : quants, x.twoFactors, other + b, some, scratch.decoded, b, otherSums);
            }
        }
    }

    private static void multiply(DType format, MemorySegment bytes, long at, int[] x, int block, int blocks, float[] scales, int first, float[] sums) {
        for (int from = 0; from < ROWS; from += LANES) {
            if (PackedScales.group(format) == GROUP) {
                groups(bytes, at + from * 2L, x, block * Packed.BLOCK, 2 * blocks, scales, 2 * first * ROWS + from, sums, from);
            } else {
                blocks(bytes, at + from * 2L, x, block * Packed.BLOCK, blocks, scales, first * ROWS + from, sums, from);
            }
        }
    }

    /**
     * With a scale for 32 columns. Sixteen bits hold a sum of two products, not of 32, so sums are kept twice: modulo 2^16, and of what is left of each summand without its
     * lowest eight bits. What those come to is between 0 and 16 * 255, which the first sum less the second tells.
     */
    private static void blocks(MemorySegment weight, long offset, int[] x, int first, int blocks, float[] scales, int scaled, float[] sums, int from) {
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
                sum = products.add(sum);
                upper = products.lanewise(VectorOperators.ASHR, 8).add(upper);
            }
            IntVector lower = sum.sub(upper.lanewise(VectorOperators.LSHL, 8)).reinterpretAsInts();
            IntVector uppers = upper.reinterpretAsInts();
            IntVector low = uppers.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 8).add(lower.and(0xffff));
            IntVector high = uppers.and(0xffff0000).lanewise(VectorOperators.ASHR, 8).add(lower.lanewise(VectorOperators.LSHR, 16));
            int scale = scaled + b * ROWS;
            even = ((FloatVector) low.convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scale), even);
            odd = ((FloatVector) high.convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scale + HALF), odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }

    /** With a scale for 16 columns: quants are of six bits at most, and sums of four products fit. */
    private static void groups(MemorySegment weight, long offset, int[] x, int first, int groups, float[] scales, int scaled, float[] sums, int from) {
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
                sum = two.lanewise(VectorOperators.ASHR, 8).mul(PackedDot.pair(x[column + 1])).add(sum);
                two = ByteVector.fromMemorySegment(WIDE_B, weight, at + 2L * ROWS, ORDER).reinterpretAsShorts();
                sum = two.sub((short) 128).mul(PackedDot.pair(x[column + 2])).add(sum);
                sum = two.lanewise(VectorOperators.ASHR, 8).mul(PackedDot.pair(x[column + 3])).add(sum);
                low = PackedDot.low(sum.reinterpretAsInts()).add(low);
                high = PackedDot.high(sum.reinterpretAsInts()).add(high);
            }
            even = ((FloatVector) low.convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scaled + g * ROWS), even);
            odd = ((FloatVector) high.convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scaled + g * ROWS + HALF), odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }
}

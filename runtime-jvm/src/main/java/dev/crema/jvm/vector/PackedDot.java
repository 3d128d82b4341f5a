package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.WIDE_B;
import static dev.crema.jvm.vector.Lanes.WIDE_F;
import static dev.crema.jvm.vector.Lanes.WIDE_I;
import static dev.crema.jvm.vector.Lanes.WIDE_S;

/**
 * A row of whole numbers x times 32 rows of {@link Packed} weights of four bits. A short w holds the quants of four columns. What is left of it when
 * it is shifted by 4, 8 and 12 bits is multiplied as it is, with the columns above the lowest in it: modulo 2^16, in which all is added up,
 * {@code q0 x0 + q1 x1 + ... = w x0 + (w >>> 4)(x1 - 16 x0) + ...}. What comes out, {@code sum of (quant - 8) * x}, is at most 32 * 8 * 127 and
 * fits. Then a block becomes floats and is scaled.
 *
 * <p>A vector holds neighbouring rows as shorts; as ints the even rows and the odd ones are apart, and so are scales and results.
 */
final class PackedDot {
    /** Columns at once. */
    static final int DEPTH = Packed.CHUNK;
    /** Rows in a vector. */
    private static final int LANES = WIDE_S.length();
    private static final int HALF = LANES / 2;
    /** Blocks of a super-block. */
    private static final int SUPER = Packed.SUPER_BLOCK / Packed.BLOCK;

    private PackedDot() { }

    /** {@code out[outRow][f] = x[row]·weight[f] + bias[f]} for the features of a group; bias may be null. */
    static void multiply(IntRows x, int row, Matrix weight, int group, float[] bias, float[] out, int outRow, Scratch scratch) {
        float[] sums = scratch.tile;
        Arrays.fill(sums, 0, Packed.ROWS, 0);
        long start = group * weight.groupBytes();
        for (int column = 0; column < weight.columns(); column += DEPTH) {
            int blocks = Math.min(DEPTH, weight.columns() - column) / Packed.BLOCK;
            int block = row * x.blocks + column / Packed.BLOCK;
            if (Packed.areBytes(weight.format())) {
                PackedBytes.add(weight, start, column, blocks, x, block, scratch.panel, sums);
                continue;
            }
            scale(weight, start + Packed.scalesAt(weight.format(), column), x, block, blocks, scratch.panel, sums);
            long quants = start + Packed.quantsAt(weight.format(), weight.columns(), column);
            for (int from = 0; from < Packed.ROWS; from += LANES) {
                long at = quants + from * 2L;
                quants(weight.bytes(), at, x.fourFactors, x.starts, block, blocks, scratch.panel, sums, from);
            }
        }
        put(sums, weight, group, bias, out, outRow);
    }

    /** The same for two rows at once: weights are taken apart once for both. Either gives the bits that it gives alone. */
    static void multiply(IntRows x, int row, int otherRow, Matrix weight, int group, float[] bias, float[] out, int outRow, int otherOut, Scratch scratch) {
        float[] sums = scratch.tile;
        float[] otherSums = scratch.otherTile;
        Arrays.fill(sums, 0, Packed.ROWS, 0);
        Arrays.fill(otherSums, 0, Packed.ROWS, 0);
        long start = group * weight.groupBytes();
        for (int column = 0; column < weight.columns(); column += DEPTH) {
            int blocks = Math.min(DEPTH, weight.columns() - column) / Packed.BLOCK;
            int block = row * x.blocks + column / Packed.BLOCK;
            int otherBlock = otherRow * x.blocks + column / Packed.BLOCK;
            if (Packed.areBytes(weight.format())) {
                PackedBytes.add(weight, start, column, blocks, x, block, scratch.panel, sums);
                PackedBytes.add(weight, start, column, blocks, x, otherBlock, scratch.panel, otherSums);
                continue;
            }
            scale(weight, start + Packed.scalesAt(weight.format(), column), x, block, blocks, scratch.panel, sums);
            scale(weight, start + Packed.scalesAt(weight.format(), column), x, otherBlock, blocks, scratch.decoded, otherSums);
            long quants = start + Packed.quantsAt(weight.format(), weight.columns(), column);
            for (int from = 0; from < Packed.ROWS; from += LANES) {
                long at = quants + from * 2L;
                products(weight.bytes(), at, x.fourFactors, x.starts, block, otherBlock, blocks, scratch.products);
                addProducts(scratch.products, 0, blocks, scratch.panel, sums, from);
                addProducts(scratch.products, 1, blocks, scratch.decoded, otherSums, from);
            }
        }
        put(sums, weight, group, bias, out, outRow);
        put(otherSums, weight, group, bias, out, otherOut);
    }

    private static void put(float[] sums, Matrix weight, int group, float[] bias, float[] out, int outRow) {
        int features = Math.min(Packed.ROWS, weight.rows() - group * Packed.ROWS);
        int to = outRow * weight.rows() + group * Packed.ROWS;
        for (int r = 0; r < features; r++) {
            float sum = sums[r / LANES * LANES + r % 2 * HALF + r % LANES / 2];
            out[to + r] = bias == null ? sum : sum + bias[group * Packed.ROWS + r];
        }
    }

    /** Adds what the quants give for as many rows as a vector holds. */
    private static void quants(MemorySegment weight, long offset, int[] x, int[] starts, int block, int blocks, float[] scales, float[] sums, int from) {
        FloatVector even = FloatVector.fromArray(WIDE_F, sums, from);
        FloatVector odd = FloatVector.fromArray(WIDE_F, sums, from + HALF);
        long at = offset;
        int column = block * Packed.BLOCK;
        for (int b = 0; b < blocks; b++) {
            ShortVector sum = pair(starts[block + b]);
            for (int end = column + Packed.BLOCK; column < end; column += 4, at += 2 * Packed.ROWS) {
                ShortVector four = ByteVector.fromMemorySegment(WIDE_B, weight, at, ORDER).reinterpretAsShorts();
                sum = sum.add(four.mul(pair(x[column])));
                sum = sum.add(four.lanewise(VectorOperators.LSHR, 4).mul(pair(x[column + 1])));
                sum = sum.add(four.lanewise(VectorOperators.LSHR, 8).mul(pair(x[column + 2])));
                sum = sum.add(four.lanewise(VectorOperators.LSHR, 12).mul(pair(x[column + 3])));
            }
            IntVector pairs = sum.reinterpretAsInts();
            int scale = b * Packed.ROWS + from;
            even = ((FloatVector) low(pairs).convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scale), even);
            odd = ((FloatVector) high(pairs).convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scale + HALF), odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }

    /**
     * Products of two rows with the weights of a vector's rows: for each block the sums of one row, then those of the other. What becomes of them has
     * a loop of its own: in one that is longer than this C2 makes objects of vectors.
     */
    private static void products(MemorySegment weight, long offset, int[] x, int[] starts, int block, int otherBlock, int blocks, short[] products) {
        long at = offset;
        int column = block * Packed.BLOCK;
        int other = otherBlock * Packed.BLOCK;
        for (int b = 0; b < blocks; b++) {
            ShortVector sum = pair(starts[block + b]);
            ShortVector otherSum = pair(starts[otherBlock + b]);
            for (int end = column + Packed.BLOCK; column < end; column += 4, other += 4, at += 2 * Packed.ROWS) {
                ShortVector quants = ByteVector.fromMemorySegment(WIDE_B, weight, at, ORDER).reinterpretAsShorts();
                sum = sum.add(quants.mul(pair(x[column])));
                otherSum = otherSum.add(quants.mul(pair(x[other])));
                ShortVector next = quants.lanewise(VectorOperators.LSHR, 4);
                sum = sum.add(next.mul(pair(x[column + 1])));
                otherSum = otherSum.add(next.mul(pair(x[other + 1])));
                next = quants.lanewise(VectorOperators.LSHR, 8);
                sum = sum.add(next.mul(pair(x[column + 2])));
                otherSum = otherSum.add(next.mul(pair(x[other + 2])));
                next = quants.lanewise(VectorOperators.LSHR, 12);
                sum = sum.add(next.mul(pair(x[column + 3])));
                otherSum = otherSum.add(next.mul(pair(x[other + 3])));
            }
            sum.intoArray(products, 2 * b * LANES);
            otherSum.intoArray(products, (2 * b + 1) * LANES);
        }
    }

    /** Adds the products of one of two rows, scaled. */
    private static void addProducts(short[] products, int first, int blocks, float[] scales, float[] sums, int from) {
        FloatVector even = FloatVector.fromArray(WIDE_F, sums, from);
        FloatVector odd = FloatVector.fromArray(WIDE_F, sums, from + HALF);
        for (int b = 0; b < blocks; b++) {
            IntVector pairs = ShortVector.fromArray(WIDE_S, products, (2 * b + first) * LANES).reinterpretAsInts();
            int scale = b * Packed.ROWS + from;
            even = ((FloatVector) low(pairs).convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scale), even);
            odd = ((FloatVector) high(pairs).convert(VectorOperators.I2F, 0)).fma(FloatVector.fromArray(WIDE_F, scales, scale + HALF), odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }

    static IntVector low(IntVector shorts) {
        return shorts.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
    }

    static IntVector high(IntVector shorts) {
        return shorts.lanewise(VectorOperators.ASHR, 16);
    }

    static ShortVector pair(int twice) {
        return IntVector.broadcast(WIDE_I, twice).reinterpretAsShorts();
    }

    /**
     * Makes floats [blocks, 32] of the scales of weights and x, and adds what does not depend on single quants. All formats are seen as
     * {@code scale * (quant - 8) + min}. No vector is handed from one of these loops to the next: C2 makes objects of those.
     */
    private static void scale(Matrix weight, long at, IntRows x, int block, int blocks, float[] scales, float[] sums) {
        MemorySegment bytes = weight.bytes();
        for (int from = 0; from < Packed.ROWS; from += LANES) {
            long first = at + from * 2L;
            switch (weight.format()) {
                case Q4_0 -> scales(bytes, first, 2 * Packed.ROWS, x.scales, block, blocks, scales, from);
                case Q4_1 -> {
                    scales(bytes, first, 4 * Packed.ROWS, x.scales, block, blocks, scales, from);
                    mins(bytes, first + 2 * Packed.ROWS, x.plainSums, block, blocks, sums, from);
                    middles(x.eightSums, block, blocks, scales, sums, from);
                }
                default -> {
                    for (int b = 0; b < blocks; b += SUPER) {
                        long superBlock = first + Packed.scaleBytes(DType.Q4_K, b * Packed.BLOCK);
                        superScales(bytes, superBlock, 16, x.scales, block + b, scales, b * Packed.ROWS + from);
                        superScales(bytes, superBlock, 0, x.scales, block + b, scales, b * Packed.ROWS + from + HALF);
                        superMins(bytes, superBlock + 2 * Packed.ROWS, 16, x.plainSums, block + b, sums, from);
                        superMins(bytes, superBlock + 2 * Packed.ROWS, 0, x.plainSums, block + b, sums, from + HALF);
                    }
                    middles(x.eightSums, block, blocks, scales, sums, from);
                }
            }
        }
    }

    static void scales(MemorySegment weight, long offset, int stride, float[] x, int block, int blocks, float[] scales, int from) {
        for (int b = 0; b < blocks; b++) {
            IntVector halves = halves(weight, offset + b * (long) stride);
            float scale = x[block + b];
            upperHalf(halves.lanewise(VectorOperators.LSHL, 16)).mul(scale).intoArray(scales, b * Packed.ROWS + from);
            upperHalf(halves).mul(scale).intoArray(scales, b * Packed.ROWS + from + HALF);
        }
    }

    /** Mins of Q4_1, which stand 128 bytes apart. */
    private static void mins(MemorySegment weight, long offset, float[] x, int block, int blocks, float[] sums, int from) {
        FloatVector even = FloatVector.fromArray(WIDE_F, sums, from);
        FloatVector odd = FloatVector.fromArray(WIDE_F, sums, from + HALF);
        for (int b = 0; b < blocks; b++) {
            IntVector halves = halves(weight, offset + b * 4L * Packed.ROWS);
            FloatVector sum = FloatVector.broadcast(WIDE_F, x[block + b]);
            even = upperHalf(halves.lanewise(VectorOperators.LSHL, 16)).fma(sum, even);
            odd = upperHalf(halves).fma(sum, odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }

    /** What the 8 that is taken from each quant comes to. */
    private static void middles(float[] x, int block, int blocks, float[] scales, float[] sums, int from) {
        FloatVector even = FloatVector.fromArray(WIDE_F, sums, from);
        FloatVector odd = FloatVector.fromArray(WIDE_F, sums, from + HALF);
        for (int b = 0; b < blocks; b++) {
            FloatVector sum = FloatVector.broadcast(WIDE_F, x[block + b]);
            even = FloatVector.fromArray(WIDE_F, scales, b * Packed.ROWS + from).fma(sum, even);
            odd = FloatVector.fromArray(WIDE_F, scales, b * Packed.ROWS + from + HALF).fma(sum, odd);
        }
        even.intoArray(sums, from);
        odd.intoArray(sums, from + HALF);
    }

    /** Of the even rows of a super-block, with {@code shift} 16, or the odd ones, with 0. */
    private static void superScales(MemorySegment weight, long offset, int shift, float[] x, int block, float[] scales, int to) {
        FloatVector d = upperHalf(halves(weight, offset).lanewise(VectorOperators.LSHL, shift));
        for (int b = 0; b < SUPER; b++) {
            IntVector pairs = halves(weight, offset + (4L + 2 * b) * Packed.ROWS).lanewise(VectorOperators.LSHL, shift);
            FloatVector scale = (FloatVector) pairs.lanewise(VectorOperators.LSHR, 16).and(255).convert(VectorOperators.I2F, 0);
            d.mul(scale).mul(x[block + b]).intoArray(scales, to + b * Packed.ROWS);
        }
    }

    private static void superMins(MemorySegment weight, long offset, int shift, float[] x, int block, float[] sums, int from) {
        FloatVector dmin = upperHalf(halves(weight, offset).lanewise(VectorOperators.LSHL, shift));
        FloatVector sum = FloatVector.zero(WIDE_F);
        for (int b = 0; b < SUPER; b++) {
            IntVector pairs = halves(weight, offset + (2L + 2 * b) * Packed.ROWS).lanewise(VectorOperators.LSHL, shift);
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

package dev.crema.jvm.vector;

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

    private PackedDot() { }

    /** {@code out[outRow][f] = x[row]·weight[f] + bias[f]} for the features of a group; bias may be null. */
    static void multiply(IntRows x, int row, Matrix weight, int group, float[] bias, float[] out, int outRow, Scratch scratch) {
        float[] sums = scratch.tile;
        Arrays.fill(sums, 0, Packed.ROWS, 0);
        long start = group * weight.groupBytes();
        for (int column = 0; column < weight.columns(); column += DEPTH) {
            int blocks = Math.min(DEPTH, weight.columns() - column) / Packed.BLOCK;
            int block = row * x.blocks + column / Packed.BLOCK;
            if (!Packed.isNibbles(weight.format())) {
                PackedBytes.add(weight, start, column, blocks, x, block, -1, scratch, sums, null);
                continue;
            }
            PackedScales.set(weight, start + Packed.scalesAt(weight.format(), column), x, block, blocks, scratch.panel, sums);
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
            if (!Packed.isNibbles(weight.format())) {
                PackedBytes.add(weight, start, column, blocks, x, block, otherBlock, scratch, sums, otherSums);
                continue;
            }
            PackedScales.set(weight, start + Packed.scalesAt(weight.format(), column), x, block, blocks, scratch.panel, sums);
            PackedScales.set(weight, start + Packed.scalesAt(weight.format(), column), x, otherBlock, blocks, scratch.decoded, otherSums);
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
                sum = four.mul(pair(x[column])).add(sum);
                sum = four.lanewise(VectorOperators.LSHR, 4).mul(pair(x[column + 1])).add(sum);
                sum = four.lanewise(VectorOperators.LSHR, 8).mul(pair(x[column + 2])).add(sum);
                sum = four.lanewise(VectorOperators.LSHR, 12).mul(pair(x[column + 3])).add(sum);
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
                sum = quants.mul(pair(x[column])).add(sum);
                otherSum = quants.mul(pair(x[other])).add(otherSum);
                ShortVector next = quants.lanewise(VectorOperators.LSHR, 4);
                sum = next.mul(pair(x[column + 1])).add(sum);
                otherSum = next.mul(pair(x[other + 1])).add(otherSum);
                next = quants.lanewise(VectorOperators.LSHR, 8);
                sum = next.mul(pair(x[column + 2])).add(sum);
                otherSum = next.mul(pair(x[other + 2])).add(otherSum);
                next = quants.lanewise(VectorOperators.LSHR, 12);
                sum = next.mul(pair(x[column + 3])).add(sum);
                otherSum = next.mul(pair(x[other + 3])).add(otherSum);
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
}

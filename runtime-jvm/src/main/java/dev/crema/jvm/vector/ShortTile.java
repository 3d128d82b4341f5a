package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import static dev.crema.jvm.vector.Lanes.HALF_S;
import static dev.crema.jvm.vector.Lanes.WIDE_F;
import static dev.crema.jvm.vector.Lanes.WIDE_I;
import static dev.crema.jvm.vector.Lanes.WIDE_S;

/**
 * The innermost product of {@link IntGemm} for quants of four bits: 6 rows of whole numbers, or 4 where registers are few, times a panel of 64 columns of
 * quants from -8 to 7, a block of 32 steps at a time. A block's sum is at most 8 * 127 * 32 and fits 16 bits, so a multiplication and an addition do twice
 * what one of floats does.
 */
final class ShortTile {
    static final int ROWS = Lanes.TILE_ROWS;
    static final int COLUMNS = 64;
    static final int SIZE = ROWS * COLUMNS;
    private static final boolean HAS_SIX = ROWS == 6;
    private static final int LANES = WIDE_S.length();
    private static final int FLOATS = WIDE_F.length();

    private ShortTile() { }

    /** {@code products[r][c] = sum over 32 k of tiles[tile + ROWS * k + r] * panel[at + 64k + c]}; products [ROWS, 64] from {@code to}. */
    static void multiply(int[] tiles, int tile, short[] panel, int at, short[] products, int to) {
        for (int column = 0; column < COLUMNS; column += 2 * LANES) {
            pair(tiles, tile, panel, at + column, products, to + column);
        }
    }

    private static void pair(int[] x, int tile, short[] panel, int at, short[] products, int to) {
        ShortVector s00 = ShortVector.zero(WIDE_S);
        ShortVector s01 = s00;
        ShortVector s10 = s00;
        ShortVector s11 = s00;
        ShortVector s20 = s00;
        ShortVector s21 = s00;
        ShortVector s30 = s00;
        ShortVector s31 = s00;
        ShortVector s40 = s00;
        ShortVector s41 = s00;
        ShortVector s50 = s00;
        ShortVector s51 = s00;
        for (int k = 0; k < Packed.BLOCK; k++) {
            ShortVector p0 = ShortVector.fromArray(WIDE_S, panel, at + k * COLUMNS);
            ShortVector p1 = ShortVector.fromArray(WIDE_S, panel, at + k * COLUMNS + LANES);
            ShortVector v = IntVector.broadcast(WIDE_I, x[tile + k * ROWS]).reinterpretAsShorts();
            s00 = p0.mul(v).add(s00);
            s01 = p1.mul(v).add(s01);
            v = IntVector.broadcast(WIDE_I, x[tile + k * ROWS + 1]).reinterpretAsShorts();
            s10 = p0.mul(v).add(s10);
            s11 = p1.mul(v).add(s11);
            v = IntVector.broadcast(WIDE_I, x[tile + k * ROWS + 2]).reinterpretAsShorts();
            s20 = p0.mul(v).add(s20);
            s21 = p1.mul(v).add(s21);
            v = IntVector.broadcast(WIDE_I, x[tile + k * ROWS + 3]).reinterpretAsShorts();
            s30 = p0.mul(v).add(s30);
            s31 = p1.mul(v).add(s31);
            if (HAS_SIX) {
                v = IntVector.broadcast(WIDE_I, x[tile + k * ROWS + 4]).reinterpretAsShorts();
                s40 = p0.mul(v).add(s40);
                s41 = p1.mul(v).add(s41);
                v = IntVector.broadcast(WIDE_I, x[tile + k * ROWS + 5]).reinterpretAsShorts();
                s50 = p0.mul(v).add(s50);
                s51 = p1.mul(v).add(s51);
            }
        }
        store(s00, s01, products, to);
        store(s10, s11, products, to + COLUMNS);
        store(s20, s21, products, to + 2 * COLUMNS);
        store(s30, s31, products, to + 3 * COLUMNS);
        if (HAS_SIX) {
            store(s40, s41, products, to + 4 * COLUMNS);
            store(s50, s51, products, to + 5 * COLUMNS);
        }
    }

    /** The same for two rows, the first at {@code tile}, with products from {@code to}: what remains of a list has seldom as many as a tile. */
    static void multiplyTwo(int[] x, int tile, short[] panel, int at, short[] products, int to) {
        for (int column = 0; column < COLUMNS; column += 2 * LANES) {
            ShortVector s00 = ShortVector.zero(WIDE_S);
            ShortVector s01 = s00;
            ShortVector s10 = s00;
            ShortVector s11 = s00;
            for (int k = 0; k < Packed.BLOCK; k++) {
                ShortVector p0 = ShortVector.fromArray(WIDE_S, panel, at + column + k * COLUMNS);
                ShortVector p1 = ShortVector.fromArray(WIDE_S, panel, at + column + k * COLUMNS + LANES);
                ShortVector v = IntVector.broadcast(WIDE_I, x[tile + k * ROWS]).reinterpretAsShorts();
                s00 = p0.mul(v).add(s00);
                s01 = p1.mul(v).add(s01);
                v = IntVector.broadcast(WIDE_I, x[tile + k * ROWS + 1]).reinterpretAsShorts();
                s10 = p0.mul(v).add(s10);
                s11 = p1.mul(v).add(s11);
            }
            store(s00, s01, products, to + column);
            store(s10, s11, products, to + column + COLUMNS);
        }
    }

    private static void store(ShortVector left, ShortVector right, short[] products, int at) {
        left.intoArray(products, at);
        right.intoArray(products, at + LANES);
    }

    /**
     * {@code tile[c] += sum over b of products[SIZE * b + c] * scales[128b + c] * xScales[b]} for the 64 columns of two rows, one after the other.
     *
     * @param products of the first row from {@code row}, xScales from {@code x} and {@code otherX}, tile from {@code row}
     */
    static void addScaled(short[] products, int row, float[] scales, int at, float[] xScales, int x, int otherX, int blocks, float[] tile) {
        for (int column = 0; column < COLUMNS; column += 2 * FLOATS) {
            addTwo(products, row + column, scales, at + column, xScales, x, otherX, blocks, tile, row + column);
        }
    }

    /** Calls nobody, and is too long to be inlined: where it was and had a helper, that was not, and vectors became objects. */
    private static void addTwo(short[] products, int from, float[] scales, int at, float[] xScales, int x, int otherX, int blocks, float[] tile, int to) {
        FloatVector t00 = FloatVector.fromArray(WIDE_F, tile, to);
        FloatVector t01 = FloatVector.fromArray(WIDE_F, tile, to + FLOATS);
        FloatVector t10 = FloatVector.fromArray(WIDE_F, tile, to + COLUMNS);
        FloatVector t11 = FloatVector.fromArray(WIDE_F, tile, to + COLUMNS + FLOATS);
        for (int b = 0; b < blocks; b++) {
            int product = from + b * SIZE;
            int scale = at + b * 2 * COLUMNS;
            FloatVector s0 = FloatVector.fromArray(WIDE_F, scales, scale);
            FloatVector s1 = FloatVector.fromArray(WIDE_F, scales, scale + FLOATS);
            FloatVector by = FloatVector.broadcast(WIDE_F, xScales[x + b]);
            ShortVector p00 = ShortVector.fromArray(HALF_S, products, product);
            t00 = ((FloatVector) p00.convertShape(VectorOperators.S2F, WIDE_F, 0)).mul(s0).fma(by, t00);
            ShortVector p01 = ShortVector.fromArray(HALF_S, products, product + FLOATS);
            t01 = ((FloatVector) p01.convertShape(VectorOperators.S2F, WIDE_F, 0)).mul(s1).fma(by, t01);
            by = FloatVector.broadcast(WIDE_F, xScales[otherX + b]);
            ShortVector p10 = ShortVector.fromArray(HALF_S, products, product + COLUMNS);
            t10 = ((FloatVector) p10.convertShape(VectorOperators.S2F, WIDE_F, 0)).mul(s0).fma(by, t10);
            ShortVector p11 = ShortVector.fromArray(HALF_S, products, product + COLUMNS + FLOATS);
            t11 = ((FloatVector) p11.convertShape(VectorOperators.S2F, WIDE_F, 0)).mul(s1).fma(by, t11);
        }
        t00.intoArray(tile, to);
        t01.intoArray(tile, to + FLOATS);
        t10.intoArray(tile, to + COLUMNS);
        t11.intoArray(tile, to + COLUMNS + FLOATS);
    }

    /** {@code tile[c] += sum over b of mins[128b + c] * sums[b]} for the 64 columns of one row; mins from {@code at}, sums from {@code x}, tile from {@code row}. */
    static void addMins(float[] mins, int at, float[] sums, int x, int blocks, float[] tile, int row) {
        for (int column = 0; column < COLUMNS; column += 4 * FLOATS) {
            addFour(mins, at + column, sums, x, blocks, tile, row + column);
        }
    }

    private static void addFour(float[] mins, int from, float[] sums, int x, int blocks, float[] tile, int to) {
        FloatVector t0 = FloatVector.fromArray(WIDE_F, tile, to);
        FloatVector t1 = FloatVector.fromArray(WIDE_F, tile, to + FLOATS);
        FloatVector t2 = FloatVector.fromArray(WIDE_F, tile, to + 2 * FLOATS);
        FloatVector t3 = FloatVector.fromArray(WIDE_F, tile, to + 3 * FLOATS);
        for (int b = 0; b < blocks; b++) {
            int min = from + b * 2 * COLUMNS;
            FloatVector sum = FloatVector.broadcast(WIDE_F, sums[x + b]);
            t0 = sum.fma(FloatVector.fromArray(WIDE_F, mins, min), t0);
            t1 = sum.fma(FloatVector.fromArray(WIDE_F, mins, min + FLOATS), t1);
            t2 = sum.fma(FloatVector.fromArray(WIDE_F, mins, min + 2 * FLOATS), t2);
            t3 = sum.fma(FloatVector.fromArray(WIDE_F, mins, min + 3 * FLOATS), t3);
        }
        t0.intoArray(tile, to);
        t1.intoArray(tile, to + FLOATS);
        t2.intoArray(tile, to + 2 * FLOATS);
        t3.intoArray(tile, to + 3 * FLOATS);
    }
}

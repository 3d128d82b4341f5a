package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;

import static dev.crema.jvm.vector.Lanes.BITS;
import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;
import static dev.crema.jvm.vector.Lanes.WIDE_F;

/**
 * The innermost product of attention: 6 rows, or 4 where registers are few, times one or two panels of 16 columns. A panel holds for each step k 16 columns one
 * after the other; the tile is a sum of outer products, one a step, in 12 registers.
 */
final class Tile {
    static final int ROWS = Lanes.TILE_ROWS;
    private static final boolean HAS_SIX = ROWS == 6;
    static final int COLUMNS = 16;
    /** Columns of a tile: those of two panels. */
    static final int STRIDE = 2 * COLUMNS;

    private Tile() { }

    /**
     * {@code tile[r][c] += sum over k of x[from[r] + k] * a[aAt + 16k + c]} for c below 16, and the same of b for the 16 columns after them; tile [ROWS, 32]
     * from index 0. Two panels at once fill two of the widest vectors.
     *
     * @param from where each of the rows begins; rows that are not wanted repeat another
     * @param b    may be null; then the last 16 columns of the tile mean nothing
     */
    static void add(float[] x, int[] from, float[] a, int aAt, float[] b, int bAt, int steps, float[] tile) {
        if (BITS == 512) {
            // A panel alone is taken twice: one loop less to compile.
            pair(x, from[0], from[1], from[2], from[3], from[4], from[5], 1, a, aAt, b == null ? a : b, b == null ? aAt : bAt, steps, tile);
            return;
        }
        for (int column = 0; column < COLUMNS; column += 2 * COUNT) {
            half(x, from[0], from[1], from[2], from[3], from[ROWS - 2], from[ROWS - 1], a, aAt + column, steps, tile, column);
        }
        for (int column = 0; column < COLUMNS && b != null; column += 2 * COUNT) {
            half(x, from[0], from[1], from[2], from[3], from[ROWS - 2], from[ROWS - 1], b, bAt + column, steps, tile, COLUMNS + column);
        }
    }

    /**
     * One row: {@code out[to + c] += sum over k of x[from + k] * panel[at + 16k + c]} for 16 columns. Two sums a column, because an addition waits for
     * the one before.
     */
    static void addRow(float[] x, int from, float[] panel, int at, int steps, float[] out, int to) {
        for (int column = 0; column < COLUMNS; column += 2 * COUNT) {
            addPairs(x, from, panel, at + column, steps, out, to + column);
            if (steps % 2 != 0) {
                addStep(x[from + steps - 1], panel, at + (steps - 1) * COLUMNS + column, out, to + column);
            }
        }
    }

    private static void addPairs(float[] x, int from, float[] panel, int at, int steps, float[] out, int to) {
        FloatVector s0 = FloatVector.fromArray(F, out, to);
        FloatVector s1 = FloatVector.fromArray(F, out, to + COUNT);
        FloatVector t0 = FloatVector.zero(F);
        FloatVector t1 = FloatVector.zero(F);
        for (int k = 0; k < steps - 1; k += 2) {
            int place = at + k * COLUMNS;
            FloatVector v = FloatVector.broadcast(F, x[from + k]);
            s0 = v.fma(FloatVector.fromArray(F, panel, place), s0);
            s1 = v.fma(FloatVector.fromArray(F, panel, place + COUNT), s1);
            v = FloatVector.broadcast(F, x[from + k + 1]);
            t0 = v.fma(FloatVector.fromArray(F, panel, place + COLUMNS), t0);
            t1 = v.fma(FloatVector.fromArray(F, panel, place + COLUMNS + COUNT), t1);
        }
        s0.add(t0).intoArray(out, to);
        s1.add(t1).intoArray(out, to + COUNT);
    }

    /** Apart from the pairs: where two ways meet, C2 may make objects of the vectors. */
    private static void addStep(float x, float[] panel, int at, float[] out, int to) {
        FloatVector v = FloatVector.broadcast(F, x);
        v.fma(FloatVector.fromArray(F, panel, at), FloatVector.fromArray(F, out, to)).intoArray(out, to);
        v.fma(FloatVector.fromArray(F, panel, at + COUNT), FloatVector.fromArray(F, out, to + COUNT)).intoArray(out, to + COUNT);
    }

    private static void half(float[] x, int r0, int r1, int r2, int r3, int r4, int r5, float[] panel, int at, int steps, float[] tile, int column) {
        FloatVector s00 = FloatVector.fromArray(F, tile, column);
        FloatVector s01 = FloatVector.fromArray(F, tile, column + COUNT);
        FloatVector s10 = FloatVector.fromArray(F, tile, STRIDE + column);
        FloatVector s11 = FloatVector.fromArray(F, tile, STRIDE + column + COUNT);
        FloatVector s20 = FloatVector.fromArray(F, tile, 2 * STRIDE + column);
        FloatVector s21 = FloatVector.fromArray(F, tile, 2 * STRIDE + column + COUNT);
        FloatVector s30 = FloatVector.fromArray(F, tile, 3 * STRIDE + column);
        FloatVector s31 = FloatVector.fromArray(F, tile, 3 * STRIDE + column + COUNT);
        FloatVector s40 = FloatVector.fromArray(F, tile, (ROWS - 2) * STRIDE + column);
        FloatVector s41 = FloatVector.fromArray(F, tile, (ROWS - 2) * STRIDE + column + COUNT);
        FloatVector s50 = FloatVector.fromArray(F, tile, (ROWS - 1) * STRIDE + column);
        FloatVector s51 = FloatVector.fromArray(F, tile, (ROWS - 1) * STRIDE + column + COUNT);
        for (int k = 0; k < steps; k++) {
            FloatVector p0 = FloatVector.fromArray(F, panel, at + k * COLUMNS);
            FloatVector p1 = FloatVector.fromArray(F, panel, at + k * COLUMNS + COUNT);
            FloatVector v = FloatVector.broadcast(F, x[r0 + k]);
            s00 = v.fma(p0, s00);
            s01 = v.fma(p1, s01);
            v = FloatVector.broadcast(F, x[r1 + k]);
            s10 = v.fma(p0, s10);
            s11 = v.fma(p1, s11);
            v = FloatVector.broadcast(F, x[r2 + k]);
            s20 = v.fma(p0, s20);
            s21 = v.fma(p1, s21);
            v = FloatVector.broadcast(F, x[r3 + k]);
            s30 = v.fma(p0, s30);
            s31 = v.fma(p1, s31);
            if (HAS_SIX) {
                v = FloatVector.broadcast(F, x[r4 + k]);
                s40 = v.fma(p0, s40);
                s41 = v.fma(p1, s41);
                v = FloatVector.broadcast(F, x[r5 + k]);
                s50 = v.fma(p0, s50);
                s51 = v.fma(p1, s51);
            }
        }
        store(s00, s01, tile, column);
        store(s10, s11, tile, STRIDE + column);
        store(s20, s21, tile, 2 * STRIDE + column);
        store(s30, s31, tile, 3 * STRIDE + column);
        if (HAS_SIX) {
            store(s40, s41, tile, 4 * STRIDE + column);
            store(s50, s51, tile, 5 * STRIDE + column);
        }
    }

    private static void store(FloatVector left, FloatVector right, float[] tile, int at) {
        left.intoArray(tile, at);
        right.intoArray(tile, at + COUNT);
    }

    /**
     * {@code next} is how far apart the elements of a row are: always 1, but C2 must not know. For places that it can foresee it keeps an address for each row,
     * and has too few registers.
     */
    private static void pair(float[] x, int r0, int r1, int r2, int r3, int r4, int r5, int next, float[] a, int aAt, float[] b, int bAt,
            int steps, float[] tile) {
        FloatVector s00 = FloatVector.fromArray(WIDE_F, tile, 0);
        FloatVector s01 = FloatVector.fromArray(WIDE_F, tile, COLUMNS);
        FloatVector s10 = FloatVector.fromArray(WIDE_F, tile, STRIDE);
        FloatVector s11 = FloatVector.fromArray(WIDE_F, tile, STRIDE + COLUMNS);
        FloatVector s20 = FloatVector.fromArray(WIDE_F, tile, 2 * STRIDE);
        FloatVector s21 = FloatVector.fromArray(WIDE_F, tile, 2 * STRIDE + COLUMNS);
        FloatVector s30 = FloatVector.fromArray(WIDE_F, tile, 3 * STRIDE);
        FloatVector s31 = FloatVector.fromArray(WIDE_F, tile, 3 * STRIDE + COLUMNS);
        FloatVector s40 = FloatVector.fromArray(WIDE_F, tile, 4 * STRIDE);
        FloatVector s41 = FloatVector.fromArray(WIDE_F, tile, 4 * STRIDE + COLUMNS);
        FloatVector s50 = FloatVector.fromArray(WIDE_F, tile, 5 * STRIDE);
        FloatVector s51 = FloatVector.fromArray(WIDE_F, tile, 5 * STRIDE + COLUMNS);
        int i = 0;
        for (int k = 0; k < steps; k++, i += next) {
            FloatVector p0 = FloatVector.fromArray(WIDE_F, a, aAt + k * COLUMNS);
            FloatVector p1 = FloatVector.fromArray(WIDE_F, b, bAt + k * COLUMNS);
            FloatVector v = FloatVector.broadcast(WIDE_F, x[r0 + i]);
            s00 = v.fma(p0, s00);
            s01 = v.fma(p1, s01);
            v = FloatVector.broadcast(WIDE_F, x[r1 + i]);
            s10 = v.fma(p0, s10);
            s11 = v.fma(p1, s11);
            v = FloatVector.broadcast(WIDE_F, x[r2 + i]);
            s20 = v.fma(p0, s20);
            s21 = v.fma(p1, s21);
            v = FloatVector.broadcast(WIDE_F, x[r3 + i]);
            s30 = v.fma(p0, s30);
            s31 = v.fma(p1, s31);
            v = FloatVector.broadcast(WIDE_F, x[r4 + i]);
            s40 = v.fma(p0, s40);
            s41 = v.fma(p1, s41);
            v = FloatVector.broadcast(WIDE_F, x[r5 + i]);
            s50 = v.fma(p0, s50);
            s51 = v.fma(p1, s51);
        }
        s00.intoArray(tile, 0);
        s01.intoArray(tile, COLUMNS);
        s10.intoArray(tile, STRIDE);
        s11.intoArray(tile, STRIDE + COLUMNS);
        s20.intoArray(tile, 2 * STRIDE);
        s21.intoArray(tile, 2 * STRIDE + COLUMNS);
        s30.intoArray(tile, 3 * STRIDE);
        s31.intoArray(tile, 3 * STRIDE + COLUMNS);
        s40.intoArray(tile, 4 * STRIDE);
        s41.intoArray(tile, 4 * STRIDE + COLUMNS);
        s50.intoArray(tile, 5 * STRIDE);
        s51.intoArray(tile, 5 * STRIDE + COLUMNS);
    }
}

package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;

/**
 * The innermost product, used by prefill and attention: 6 rows times a panel of 16 columns. {@code panel} holds for each step k 16 columns one
 * after the other; the tile is a sum of outer products, one a step, in 12 registers.
 */
final class Tile {
    static final int ROWS = 6;
    static final int COLUMNS = 16;

    private Tile() { }

    /**
     * {@code tile[r][c] = sum over k of x[from[r] + k] * panel[at + 16k + c]}; tile [6, 16] from index 0.
     *
     * @param from where each of the 6 rows begins; rows that are not wanted repeat another
     */
    static void multiply(float[] x, int[] from, float[] panel, int at, int steps, float[] tile) {
        for (int column = 0; column < COLUMNS; column += 2 * COUNT) {
            half(x, from[0], from[1], from[2], from[3], from[4], from[5], panel, at + column, steps, tile, column);
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
        FloatVector s00 = FloatVector.zero(F);
        FloatVector s01 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s20 = s00;
        FloatVector s21 = s00;
        FloatVector s30 = s00;
        FloatVector s31 = s00;
        FloatVector s40 = s00;
        FloatVector s41 = s00;
        FloatVector s50 = s00;
        FloatVector s51 = s00;
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
            v = FloatVector.broadcast(F, x[r4 + k]);
            s40 = v.fma(p0, s40);
            s41 = v.fma(p1, s41);
            v = FloatVector.broadcast(F, x[r5 + k]);
            s50 = v.fma(p0, s50);
            s51 = v.fma(p1, s51);
        }
        store(s00, s01, tile, column);
        store(s10, s11, tile, COLUMNS + column);
        store(s20, s21, tile, 2 * COLUMNS + column);
        store(s30, s31, tile, 3 * COLUMNS + column);
        store(s40, s41, tile, 4 * COLUMNS + column);
        store(s50, s51, tile, 5 * COLUMNS + column);
    }

    private static void store(FloatVector left, FloatVector right, float[] tile, int at) {
        left.intoArray(tile, at);
        right.intoArray(tile, at + COUNT);
    }
}

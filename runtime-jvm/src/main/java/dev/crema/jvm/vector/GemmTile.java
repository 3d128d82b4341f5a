package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;

import static dev.crema.jvm.vector.Lanes.WIDE_F;

/**
 * The innermost product of {@link Gemm}: 6 rows times a panel of 32 columns, two vectors of columns at a time, or 4 rows where registers are few. {@code x}
 * holds for each step k an element of each row ({@link RowTiles}), {@code panel} 32 columns; the tile is a sum of outer products, one a step, in 12 registers.
 * With fewer than two vectors for each element of x that is broadcast, loads would be what limits it, and with an address for each row C2 runs out of
 * registers.
 */
final class GemmTile {
    static final int ROWS = Lanes.TILE_ROWS;
    static final int COLUMNS = 32;
    private static final boolean HAS_SIX = ROWS == 6;
    private static final int LANES = WIDE_F.length();

    private GemmTile() { }

    /** {@code tile[r][c] = sum over k of x[from + ROWS * k + r] * panel[32k + c]}; tile [ROWS, 32] from index 0. */
    static void multiply(float[] x, int from, float[] panel, int steps, float[] tile) {
        for (int column = 0; column < COLUMNS; column += 2 * LANES) {
            pair(x, from, panel, column, steps, tile);
        }
    }

    private static void pair(float[] x, int from, float[] panel, int column, int steps, float[] tile) {
        FloatVector s00 = FloatVector.zero(WIDE_F);
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
            int at = from + k * ROWS;
            FloatVector p0 = FloatVector.fromArray(WIDE_F, panel, column + k * COLUMNS);
            FloatVector p1 = FloatVector.fromArray(WIDE_F, panel, column + k * COLUMNS + LANES);
            FloatVector v = FloatVector.broadcast(WIDE_F, x[at]);
            s00 = v.fma(p0, s00);
            s01 = v.fma(p1, s01);
            v = FloatVector.broadcast(WIDE_F, x[at + 1]);
            s10 = v.fma(p0, s10);
            s11 = v.fma(p1, s11);
            v = FloatVector.broadcast(WIDE_F, x[at + 2]);
            s20 = v.fma(p0, s20);
            s21 = v.fma(p1, s21);
            v = FloatVector.broadcast(WIDE_F, x[at + 3]);
            s30 = v.fma(p0, s30);
            s31 = v.fma(p1, s31);
            if (HAS_SIX) {
                v = FloatVector.broadcast(WIDE_F, x[at + 4]);
                s40 = v.fma(p0, s40);
                s41 = v.fma(p1, s41);
                v = FloatVector.broadcast(WIDE_F, x[at + 5]);
                s50 = v.fma(p0, s50);
                s51 = v.fma(p1, s51);
            }
        }
        store(s00, s01, tile, column);
        store(s10, s11, tile, COLUMNS + column);
        store(s20, s21, tile, 2 * COLUMNS + column);
        store(s30, s31, tile, 3 * COLUMNS + column);
        if (HAS_SIX) {
            store(s40, s41, tile, 4 * COLUMNS + column);
            store(s50, s51, tile, 5 * COLUMNS + column);
        }
    }

    private static void store(FloatVector left, FloatVector right, float[] tile, int at) {
        left.intoArray(tile, at);
        right.intoArray(tile, at + LANES);
    }
}

package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.FloatVector;

import java.util.Arrays;

import static dev.crema.jvm.vector.Lanes.WIDE_F;

/**
 * Products with many rows. A panel of 32 features is decoded and transposed {@link #DEPTH} columns at a time, stays in the second cache, and
 * meets all rows of x in tiles of 6.
 */
final class Gemm {
    /** Columns in a panel: 32 of them are 128 KiB. A whole number of blocks in every format. */
    static final int DEPTH = 1024;
    /** Columns that are decoded before they are transposed: 32 of them are 32 KiB. A whole number of blocks too. */
    static final int SLICE = 256;
    private static final int LANES = WIDE_F.length();

    private Gemm() { }

    /** Features of a panel; pieces of work are panels. */
    static int panels(Matrix weight) {
        return (weight.rows() + GemmTile.COLUMNS - 1) / GemmTile.COLUMNS;
    }

    /** {@code out[r][f] = x[r]·weight[f] + bias[f]} for the 32 features of one panel and all rows, which stand in {@code x} as {@link RowTiles}. */
    static void multiply(float[] x, RowList rows, Matrix weight, float[] bias, float[] out, int panel, Scratch scratch) {
        int first = panel * GemmTile.COLUMNS;
        int features = Math.min(GemmTile.COLUMNS, weight.rows() - first);
        for (int column = 0; column < weight.columns(); column += DEPTH) {
            int depth = Math.min(DEPTH, weight.columns() - column);
            pack(weight, first, features, column, depth, scratch);
            for (int row = 0; row < rows.count; row += GemmTile.ROWS) {
                int tileRows = Math.min(GemmTile.ROWS, rows.count - row);
                GemmTile.multiply(x, (rows.tileRow + row) * weight.columns() + column * GemmTile.ROWS, scratch.panel, depth, scratch.tile);
                for (int r = 0; r < tileRows; r++) {
                    int to = rows.out[rows.first + row + r] * weight.rows() + first;
                    put(scratch.tile, r * GemmTile.COLUMNS, features, column == 0, bias, first, out, to);
                }
            }
        }
    }

    static void put(float[] tile, int at, int features, boolean isFirst, float[] bias, int biasAt, float[] out, int to) {
        if (!isFirst) {
            add(tile, at, out, to, features, out, to);
        } else if (bias != null) {
            add(tile, at, bias, biasAt, features, out, to);
        } else {
            System.arraycopy(tile, at, out, to, features);
        }
    }

    private static void add(float[] a, int aFrom, float[] b, int bFrom, int n, float[] out, int to) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromArray(WIDE_F, a, aFrom + i).add(FloatVector.fromArray(WIDE_F, b, bFrom + i)).intoArray(out, to + i);
        }
        for (; i < n; i++) {
            out[to + i] = a[aFrom + i] + b[bFrom + i];
        }
    }

    /** Decodes the rows of the panel and turns them so that the 32 features of a column stand together; missing features are zero. */
    static void pack(Matrix weight, int first, int features, int column, int depth, Scratch scratch) {
        if (weight.packed()) {
            PackedPanel.fill(weight, first, column, depth, scratch);
        } else if (weight.format() == DType.Q8_0) {
            BytePanel.fill(weight, first, features, column, depth, scratch);
        } else {
            for (int k = 0; k < depth; k += SLICE) {
                slice(weight, first, features, column + k, Math.min(SLICE, depth - k), scratch, k * GemmTile.COLUMNS);
            }
        }
    }

    private static void slice(Matrix weight, int first, int features, int column, int depth, Scratch scratch, int to) {
        for (int f = 0; f < GemmTile.COLUMNS; f++) {
            if (f < features) {
                weight.decode(first + f, column, depth, scratch.decoded, f * SLICE);
            } else {
                Arrays.fill(scratch.decoded, f * SLICE, f * SLICE + depth, 0);
            }
        }
        for (int f = 0; f < GemmTile.COLUMNS; f += 4) {
            transpose(scratch.decoded, f * SLICE, depth, scratch.panel, to + f);
        }
    }

    private static void transpose(float[] decoded, int from, int depth, float[] panel, int to) {
        for (int k = 0; k < depth; k++, to += GemmTile.COLUMNS) {
            panel[to] = decoded[from + k];
            panel[to + 1] = decoded[from + SLICE + k];
            panel[to + 2] = decoded[from + 2 * SLICE + k];
            panel[to + 3] = decoded[from + 3 * SLICE + k];
        }
    }
}

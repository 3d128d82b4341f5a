package dev.crema.jvm.vector;

import java.util.Arrays;

/**
 * Products with many rows. A panel of 16 features is decoded and transposed {@link #DEPTH} columns at a time, stays in the first cache, and
 * meets all rows of x in tiles of 6.
 */
final class Gemm {
    /** Columns in a panel: 16 of them are 32 KiB. A whole number of blocks in every format. */
    static final int DEPTH = 512;

    private Gemm() { }

    /** Features of a panel; pieces of work are panels. */
    static int panels(Matrix weight) {
        return (weight.rows() + Tile.COLUMNS - 1) / Tile.COLUMNS;
    }

    /** {@code out[r][f] = x[r]·weight[f] + bias[f]} for the 16 features of one panel and all rows. */
    static void multiply(float[] x, RowList rows, Matrix weight, float[] bias, float[] out, int panel, Scratch scratch) {
        int first = panel * Tile.COLUMNS;
        int features = Math.min(Tile.COLUMNS, weight.rows() - first);
        for (int column = 0; column < weight.columns(); column += DEPTH) {
            int depth = Math.min(DEPTH, weight.columns() - column);
            pack(weight, first, features, column, depth, scratch);
            for (int row = 0; row < rows.count; row += Tile.ROWS) {
                int tileRows = Math.min(Tile.ROWS, rows.count - row);
                for (int r = 0; r < Tile.ROWS; r++) {
                    scratch.from[r] = rows.x[rows.first + row + Math.min(r, tileRows - 1)] * weight.columns() + column;
                }
                Tile.multiply(x, scratch.from, scratch.panel, 0, depth, scratch.tile);
                for (int r = 0; r < tileRows; r++) {
                    int to = rows.out[rows.first + row + r] * weight.rows() + first;
                    put(scratch.tile, r * Tile.COLUMNS, features, column == 0, bias, first, out, to);
                }
            }
        }
    }

    private static void put(float[] tile, int at, int features, boolean isFirst, float[] bias, int biasAt, float[] out, int to) {
        if (!isFirst) {
            for (int f = 0; f < features; f++) {
                out[to + f] += tile[at + f];
            }
        } else if (bias != null) {
            for (int f = 0; f < features; f++) {
                out[to + f] = tile[at + f] + bias[biasAt + f];
            }
        } else {
            System.arraycopy(tile, at, out, to, features);
        }
    }

    /** Decodes the rows of the panel and turns them so that the 16 features of a column stand together; missing features are zero. */
    private static void pack(Matrix weight, int first, int features, int column, int depth, Scratch scratch) {
        if (weight.packed()) {
            PackedPanel.fill(weight, first, column, depth, scratch.panel, scratch.decoded);
            return;
        }
        for (int f = 0; f < Tile.COLUMNS; f++) {
            if (f < features) {
                weight.decode(first + f, column, depth, scratch.decoded, f * DEPTH);
            } else {
                Arrays.fill(scratch.decoded, f * DEPTH, f * DEPTH + depth, 0);
            }
        }
        for (int f = 0; f < Tile.COLUMNS; f += 4) {
            transpose(scratch.decoded, f * DEPTH, depth, scratch.panel, f);
        }
    }

    private static void transpose(float[] decoded, int from, int depth, float[] panel, int feature) {
        for (int k = 0; k < depth; k++) {
            int to = k * Tile.COLUMNS + feature;
            panel[to] = decoded[from + k];
            panel[to + 1] = decoded[from + DEPTH + k];
            panel[to + 2] = decoded[from + 2 * DEPTH + k];
            panel[to + 3] = decoded[from + 3 * DEPTH + k];
        }
    }
}

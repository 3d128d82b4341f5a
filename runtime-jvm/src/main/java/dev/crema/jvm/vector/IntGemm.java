package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.WIDE_B;
import static dev.crema.jvm.vector.Lanes.WIDE_F;
import static dev.crema.jvm.vector.Lanes.WIDE_S;

/**
 * Products of many rows with {@link Packed} weights of four bits, in whole numbers. A panel is two groups, 64 features: their quants become shorts
 * {@link #DEPTH} columns at a time, stay in the second cache, and meet the rows in tiles of 6.
 */
final class IntGemm {
    /** Columns in a panel: 64 of them are 128 KiB. */
    static final int DEPTH = Packed.CHUNK;
    /** Pieces a thread, and rows that are worth decoding a panel. */
    private static final int PIECES = 8;
    private static final int LEAST_ROWS = 24;
    /** Columns of which products are kept before they are scaled. */
    private static final int SLICE = 512;
    private static final int COLUMNS = ShortTile.COLUMNS;
    private static final int TILE = ShortTile.ROWS * COLUMNS;
    /** Products that are kept. */
    static final int PRODUCTS = TILE * SLICE / Packed.BLOCK;
    private static final int BLOCK = Packed.BLOCK;
    private static final int LANES = WIDE_S.length();
    private static final int FLOATS = WIDE_F.length();

    private IntGemm() { }

    static boolean supports(Matrix weight) {
        return weight.packed() && Packed.isNibbles(weight.format());
    }

    private static int panels(Matrix weight) {
        return (weight.rows() + COLUMNS - 1) / COLUMNS;
    }

    /** Panels; where they are few, each several times for a part of the rows, so that all threads end together. */
    static int pieces(RowList rows, Matrix weight, int threads) {
        int panels = panels(weight);
        int parts = Math.clamp((PIECES * threads + panels - 1) / panels, 1, Math.max(1, rows.count / LEAST_ROWS));
        return panels * parts;
    }

    /** Computes one of {@link #pieces} of a product. */
    static void multiply(IntRows x, RowList rows, MatMulKernel.Part part, int piece, int pieces, Scratch scratch) {
        int panels = panels(part.weight());
        int parts = pieces / panels;
        int tiles = (rows.count + ShortTile.ROWS - 1) / ShortTile.ROWS;
        int from = tiles * (piece / panels) / parts * ShortTile.ROWS;
        int to = Math.min(rows.count, tiles * (piece / panels + 1) / parts * ShortTile.ROWS);
        multiply(x, rows, from, to, part.weight(), part.bias(), part.out(), piece % panels, scratch);
    }

    /** {@code out[r][f] = x[r]·weight[f] + bias[f]} for the 64 features of one panel and rows {@code from .. to-1} of the list. */
    private static void multiply(IntRows x, RowList rows, int from, int to, Matrix weight, float[] bias, float[] out, int panel, Scratch scratch) {
        int groups = Math.min(2, Packed.groups(weight.rows()) - 2 * panel);
        int features = Math.min(COLUMNS, weight.rows() - panel * COLUMNS);
        boolean hasMins = weight.format() != DType.Q4_0;
        for (int column = 0; column < weight.columns(); column += DEPTH) {
            int depth = Math.min(DEPTH, weight.columns() - column);
            for (int g = 0; g < groups; g++) {
                PackedPanel.scales(weight, (2 * panel + g) * Packed.ROWS, column, depth, scratch.decoded, g * Packed.ROWS, COLUMNS);
                fill(weight, (2 * panel + g) * Packed.ROWS, column, depth, scratch.quants, g * Packed.ROWS);
            }
            if (hasMins) {
                middles(scratch.decoded, depth / BLOCK);
            }
            for (int row = from; row < to; row += ShortTile.ROWS) {
                int tileRows = Math.min(ShortTile.ROWS, to - row);
                for (int r = 0; r < ShortTile.ROWS; r++) {
                    scratch.from[r] = rows.x[rows.first + row + Math.min(r, tileRows - 1)] * weight.columns() + column;
                }
                Arrays.fill(scratch.tile, 0, ShortTile.ROWS * COLUMNS, 0);
                blocks(x, tileOf(rows, row, tileRows), column, depth, scratch);
                for (int r = 0; r < ShortTile.ROWS && hasMins; r++) {
                    ShortTile.addMins(scratch.decoded, COLUMNS, x.plainSums, scratch.from[r] / BLOCK, depth / BLOCK, scratch.tile, r * COLUMNS);
                }
                for (int r = 0; r < tileRows; r++) {
                    int at = rows.out[rows.first + row + r] * weight.rows() + panel * COLUMNS;
                    Gemm.put(scratch.tile, r * COLUMNS, features, column == 0, bias, panel * COLUMNS, out, at);
                }
            }
        }
    }

    /** Which tile of {@link IntRows} the rows are, or -1 where they stand anywhere. */
    private static int tileOf(RowList rows, int row, int count) {
        int first = rows.x[rows.first + row];
        for (int r = 1; r < count; r++) {
            if (rows.x[rows.first + row + r] != first + r) {
                return -1;
            }
        }
        return first % ShortTile.ROWS == 0 ? first / ShortTile.ROWS : -1;
    }

    /** Products of some blocks stay in the first cache until they are scaled. */
    private static void blocks(IntRows x, int tile, int column, int depth, Scratch scratch) {
        for (int slice = 0; slice < depth; slice += SLICE) {
            int end = Math.min(depth, slice + SLICE);
            for (int k = slice; k < end; k += BLOCK) {
                int to = (k - slice) / BLOCK * TILE;
                if (tile >= 0) {
                    ShortTile.multiply(x.tiles, (tile * x.channels + column + k) * ShortTile.ROWS, scratch.quants, k * COLUMNS, scratch.products, to);
                } else {
                    ShortTile.multiply(x.quants, scratch.from, k, scratch.quants, k * COLUMNS, scratch.products, to);
                }
            }
            for (int r = 0; r < ShortTile.ROWS; r += 2) {
                ShortTile.addScaled(scratch.products, r * COLUMNS, scratch.decoded, slice / BLOCK * 2 * COLUMNS, x.scales,
                    (scratch.from[r] + slice) / BLOCK, (scratch.from[r + 1] + slice) / BLOCK, (end - slice) / BLOCK, scratch.tile);
            }
        }
    }

    /** Turns mins into what a quant of 8 stands for, because that is where quants are counted from. */
    private static void middles(float[] scales, int blocks) {
        for (int at = 0; at < blocks * 2 * COLUMNS; at += 2 * COLUMNS) {
            for (int c = at; c < at + COLUMNS; c += FLOATS) {
                FloatVector scale = FloatVector.fromArray(WIDE_F, scales, c);
                scale.mul(8).add(FloatVector.fromArray(WIDE_F, scales, c + COLUMNS)).intoArray(scales, c + COLUMNS);
            }
        }
    }

    /** {@code panel[64k + to + f]} is the quant less 8 of {@code [first + f, column + k]}, for the 32 features of a group. */
    private static void fill(Matrix weight, int first, int column, int depth, short[] panel, int to) {
        long quants = first / Packed.ROWS * weight.groupBytes() + Packed.quantsAt(weight.format(), weight.columns(), column);
        for (int f = 0; f < Packed.ROWS; f += LANES) {
            fill(weight.bytes(), quants + f * 2L, depth, panel, to + f);
        }
    }

    private static void fill(MemorySegment bytes, long at, int depth, short[] panel, int to) {
        for (int k = 0; k < depth; k += 4, at += 2L * Packed.ROWS, to += 4 * COLUMNS) {
            ShortVector four = ByteVector.fromMemorySegment(WIDE_B, bytes, at, ORDER).reinterpretAsShorts();
            four.and((short) 15).sub((short) 8).intoArray(panel, to);
            four.lanewise(VectorOperators.LSHR, 4).and((short) 15).sub((short) 8).intoArray(panel, to + COLUMNS);
            four.lanewise(VectorOperators.LSHR, 8).and((short) 15).sub((short) 8).intoArray(panel, to + 2 * COLUMNS);
            four.lanewise(VectorOperators.LSHR, 12).sub((short) 8).intoArray(panel, to + 3 * COLUMNS);
        }
    }
}

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
 * Products of many rows with {@link Packed} weights of four bits or eight, in whole numbers. A panel is two groups, 64 features: their quants become shorts
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
    private static final int ROWS = ShortTile.ROWS;
    private static final int COLUMNS = ShortTile.COLUMNS;
    /** Rows of a tile that are multiplied without the others, two by two. */
    private static final int FEW_ROWS = ROWS - 2;
    /** Products that are kept. */
    static final int PRODUCTS = ShortTile.SIZE * SLICE / Packed.BLOCK;
    private static final int BLOCK = Packed.BLOCK;
    private static final int LANES = WIDE_S.length();
    private static final int FLOATS = WIDE_F.length();

    private IntGemm() { }

    /** Shorter vectors do as many products of bytes as of floats, and those need no rounding. */
    static boolean supports(Matrix weight) {
        return weight.packed() && (Packed.isNibbles(weight.format()) || weight.format() == DType.Q8_0 && Lanes.BITS == 512);
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
    static void multiply(IntTiles x, RowList rows, MatMulKernel.Part part, int piece, int pieces, Scratch scratch) {
        int panels = panels(part.weight());
        int parts = pieces / panels;
        int tiles = (rows.count + ROWS - 1) / ROWS;
        int from = tiles * (piece / panels) / parts * ROWS;
        int to = Math.min(rows.count, tiles * (piece / panels + 1) / parts * ROWS);
        multiply(x, rows, from, to, part.weight(), part.bias(), part.out(), piece % panels, scratch);
    }

    /** {@code out[r][f] = x[r]·weight[f] + bias[f]} for the 64 features of one panel and rows {@code from .. to-1} of the list. */
    private static void multiply(IntTiles x, RowList rows, int from, int to, Matrix weight, float[] bias, float[] out, int panel, Scratch scratch) {
        int features = Math.min(COLUMNS, weight.rows() - panel * COLUMNS);
        boolean isBytes = weight.format() == DType.Q8_0;
        for (int column = 0; column < weight.columns(); column += DEPTH) {
            int depth = Math.min(DEPTH, weight.columns() - column);
            if (isBytes) {
                fillBytes(weight, panel, column, depth, scratch);
            } else {
                fillNibbles(weight, panel, column, depth, scratch);
            }
            for (int row = from; row < to; row += ROWS) {
                int tileRows = Math.min(ROWS, to - row);
                int tile = (rows.tileRow + row) * weight.columns() + column * ROWS;
                int block = ((rows.tileRow + row) * weight.columns() + column) / BLOCK;
                if (isBytes) {
                    ByteTile.multiply(x.quants, tile, scratch.quants, depth / BLOCK, scratch.decoded, x.scales, block, weight.columns() / BLOCK, tileRows,
                        scratch.tile);
                } else {
                    nibbles(x, tile, tileRows, block, weight, depth, scratch);
                }
                for (int r = 0; r < tileRows; r++) {
                    int at = rows.out[rows.first + row + r] * weight.rows() + panel * COLUMNS;
                    Gemm.put(scratch.tile, r * COLUMNS, features, column == 0, bias, panel * COLUMNS, out, at);
                }
            }
        }
    }

    /** Products of some blocks stay in the first cache until they are scaled. */
    private static void nibbles(IntTiles x, int tile, int rows, int block, Matrix weight, int depth, Scratch scratch) {
        int stride = weight.columns() / BLOCK;
        Arrays.fill(scratch.tile, 0, ShortTile.SIZE, 0);
        for (int slice = 0; slice < depth; slice += SLICE) {
            int end = Math.min(depth, slice + SLICE);
            for (int k = slice; k < end; k += BLOCK) {
                int to = (k - slice) / BLOCK * ShortTile.SIZE;
                if (rows > FEW_ROWS) {
                    ShortTile.multiply(x.quants, tile + k * ROWS, scratch.quants, k * COLUMNS, scratch.products, to);
                } else {
                    for (int r = 0; r < rows; r += 2) {
                        ShortTile.multiplyTwo(x.quants, tile + k * ROWS + r, scratch.quants, k * COLUMNS, scratch.products, to + r * COLUMNS);
                    }
                }
            }
            int first = block + slice / BLOCK;
            for (int r = 0; r < rows; r += 2) {
                ShortTile.addScaled(scratch.products, r * COLUMNS, scratch.decoded, slice / BLOCK * 2 * COLUMNS, x.scales, first + r * stride,
                    first + (r + 1) * stride, (end - slice) / BLOCK, scratch.tile);
            }
        }
        for (int r = 0; r < rows && weight.format() != DType.Q4_0; r++) {
            ShortTile.addMins(scratch.decoded, COLUMNS, x.sums, block + r * stride, depth / BLOCK, scratch.tile, r * COLUMNS);
        }
    }

    /** Scales of the panel become {@code decoded[block][64 scales, 64 mins]}, and its quants less 8 {@code quants[64k + f]}. */
    private static void fillNibbles(Matrix weight, int panel, int column, int depth, Scratch scratch) {
        for (int g = 0; g < groups(weight, panel); g++) {
            int first = (2 * panel + g) * Packed.ROWS;
            PackedPanel.scales(weight, first, column, depth, scratch.decoded, g * Packed.ROWS, COLUMNS);
        }
        // Of the last panel's second group, where there is none, nobody reads the products.
        long quants = 2L * panel * weight.groupBytes() + Packed.quantsAt(weight.format(), weight.columns(), column);
        long apart = groups(weight, panel) == 2 ? weight.groupBytes() : 0;
        for (int f = 0; f < Packed.ROWS; f += LANES) {
            fillNibbles(weight.bytes(), quants + f * 2L, apart, depth, scratch.quants, f);
        }
        if (weight.format() != DType.Q4_0) {
            middles(scratch.decoded, depth / BLOCK);
        }
    }

    /** Scales of the panel become {@code decoded[block][64]}, see {@link ByteTile}, and its quants with their signs {@code quants[64k + f]}. */
    private static void fillBytes(Matrix weight, int panel, int column, int depth, Scratch scratch) {
        for (int g = 0; g < groups(weight, panel); g++) {
            long group = (2 * panel + g) * weight.groupBytes();
            PackedScales.apart(weight.bytes(), group + Packed.scalesAt(weight.format(), column), depth / BLOCK, scratch.decoded, g * Packed.ROWS, COLUMNS);
            long quants = group + Packed.quantsAt(weight.format(), weight.columns(), column);
            for (int f = 0; f < Packed.ROWS; f += LANES) {
                fillBytes(weight.bytes(), quants + f * 2L, depth, scratch.quants, g * Packed.ROWS + f);
            }
        }
    }

    /** The last panel may have one. */
    private static int groups(Matrix weight, int panel) {
        return Math.min(2, Packed.groups(weight.rows()) - 2 * panel);
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

    /** Both groups at once, {@code apart} bytes from each other: cache lines are written one after the other. */
    private static void fillNibbles(MemorySegment bytes, long at, long apart, int depth, short[] panel, int to) {
        for (int k = 0; k < depth; k += 4, at += 2L * Packed.ROWS, to += 4 * COLUMNS) {
            ShortVector left = ByteVector.fromMemorySegment(WIDE_B, bytes, at, ORDER).reinterpretAsShorts();
            ShortVector right = ByteVector.fromMemorySegment(WIDE_B, bytes, at + apart, ORDER).reinterpretAsShorts();
            left.and((short) 15).sub((short) 8).intoArray(panel, to);
            right.and((short) 15).sub((short) 8).intoArray(panel, to + Packed.ROWS);
            left.lanewise(VectorOperators.LSHR, 4).and((short) 15).sub((short) 8).intoArray(panel, to + COLUMNS);
            right.lanewise(VectorOperators.LSHR, 4).and((short) 15).sub((short) 8).intoArray(panel, to + COLUMNS + Packed.ROWS);
            left.lanewise(VectorOperators.LSHR, 8).and((short) 15).sub((short) 8).intoArray(panel, to + 2 * COLUMNS);
            right.lanewise(VectorOperators.LSHR, 8).and((short) 15).sub((short) 8).intoArray(panel, to + 2 * COLUMNS + Packed.ROWS);
            left.lanewise(VectorOperators.LSHR, 12).sub((short) 8).intoArray(panel, to + 3 * COLUMNS);
            right.lanewise(VectorOperators.LSHR, 12).sub((short) 8).intoArray(panel, to + 3 * COLUMNS + Packed.ROWS);
        }
    }

    private static void fillBytes(MemorySegment bytes, long at, int depth, short[] panel, int to) {
        for (int k = 0; k < depth; k += 2, at += 2L * Packed.ROWS, to += 2 * COLUMNS) {
            short sign = (short) ByteTile.sign(k);
            ShortVector two = ByteVector.fromMemorySegment(WIDE_B, bytes, at, ORDER).reinterpretAsShorts();
            two.and((short) 255).sub((short) 128).mul(sign).intoArray(panel, to);
            two.lanewise(VectorOperators.ASHR, 8).mul(sign).intoArray(panel, to + COLUMNS);
        }
    }
}

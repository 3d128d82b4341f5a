package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

import static dev.crema.jvm.vector.Lanes.WIDE_F;
import static dev.crema.jvm.vector.Lanes.WIDE_I;
import static dev.crema.jvm.vector.Lanes.WIDE_S;

/**
 * The innermost product of {@link IntGemm} for quants of eight bits: a tile's rows of whole numbers, two at a time, times a panel of 64 columns.
 *
 * <p>Sixteen bits hold the sum of two products, at most 2 * 128 * 127, but not of 32. So each sum of two loses its lowest four bits before they are added
 * up, which makes the error that comes of x having eight bits some two hundredths larger. That rounds down, so half of the columns stand in the panel
 * negated ({@link #sign}) and are taken away: what is lost on average cancels.
 */
final class ByteTile {
    private static final int ROWS = ShortTile.ROWS;
    private static final int COLUMNS = ShortTile.COLUMNS;
    private static final int BLOCK = Packed.BLOCK;
    private static final int LANES = WIDE_S.length();
    private static final int FLOATS = WIDE_F.length();
    /** A shift by a vector is one operation, by a number it is two. */
    private static final ShortVector DROPPED = ShortVector.broadcast(WIDE_S, 4);
    private static final float UNIT = 16;
    private static final VectorShuffle<Float> LOWER = VectorShuffle.makeZip(WIDE_F, 0);
    private static final VectorShuffle<Float> UPPER = VectorShuffle.makeZip(WIDE_F, 1);

    private ByteTile() { }

    /** With which sign a column of a block stands in the panel. */
    static int sign(int column) {
        return column % BLOCK < BLOCK / 2 ? 1 : -1;
    }

    /**
     * {@code tile[r][c] = sum over b of scales[b][c] * xScales[block + r * stride + b] * sum over 32 k of x[from + ROWS * (32b + k) + r] * panel[32b + k][c]}.
     *
     * @param panel   [32 blocks, 64]
     * @param scales  [blocks, 64]; of as many columns as a vector has shorts the even ones come first, then the odd ones
     * @param xScales from {@code block}, {@code stride} from one row to the next
     * @param rows    how many rows are wanted; others of the tile may be anything
     * @param tile    [ROWS, 64]
     */
    static void multiply(int[] x, int from, short[] panel, int blocks, float[] scales, float[] xScales, int block, int stride, int rows, float[] tile) {
        for (int r = 0; r < rows; r += 2) {
            for (int column = 0; column < COLUMNS; column += 2 * LANES) {
                int scale = block + r * stride;
                pair(x, from + r, panel, column, blocks, scales, xScales, scale, r + 1 < rows ? scale + stride : scale, tile, r * COLUMNS + column);
            }
        }
        for (int at = 0; at < rows * COLUMNS; at += LANES) {
            FloatVector even = FloatVector.fromArray(WIDE_F, tile, at);
            FloatVector odd = FloatVector.fromArray(WIDE_F, tile, at + FLOATS);
            even.rearrange(LOWER, odd).intoArray(tile, at);
            even.rearrange(UPPER, odd).intoArray(tile, at + FLOATS);
        }
    }

    private static void pair(int[] x, int from, short[] panel, int column, int blocks, float[] scales, float[] xScales, int block, int other, float[] tile, int to) {
        FloatVector t00 = FloatVector.zero(WIDE_F);
        FloatVector t01 = t00;
        FloatVector t02 = t00;
        FloatVector t03 = t00;
        FloatVector t10 = t00;
        FloatVector t11 = t00;
        FloatVector t12 = t00;
        FloatVector t13 = t00;
        for (int b = 0; b < blocks; b++) {
            int q = from + b * BLOCK * ROWS;
            int p = column + b * BLOCK * COLUMNS;
            ShortVector s00 = ShortVector.zero(WIDE_S);
            ShortVector s01 = s00;
            ShortVector s10 = s00;
            ShortVector s11 = s00;
            for (int k = 0; k < BLOCK / 2; k += 2) {
                ShortVector p00 = ShortVector.fromArray(WIDE_S, panel, p + k * COLUMNS);
                ShortVector p01 = ShortVector.fromArray(WIDE_S, panel, p + k * COLUMNS + LANES);
                ShortVector p10 = ShortVector.fromArray(WIDE_S, panel, p + k * COLUMNS + COLUMNS);
                ShortVector p11 = ShortVector.fromArray(WIDE_S, panel, p + k * COLUMNS + COLUMNS + LANES);
                ShortVector v0 = IntVector.broadcast(WIDE_I, x[q + k * ROWS]).reinterpretAsShorts();
                ShortVector v1 = IntVector.broadcast(WIDE_I, x[q + k * ROWS + ROWS]).reinterpretAsShorts();
                s00 = s00.add(p00.mul(v0).add(p10.mul(v1)).lanewise(VectorOperators.ASHR, DROPPED));
                s01 = s01.add(p01.mul(v0).add(p11.mul(v1)).lanewise(VectorOperators.ASHR, DROPPED));
                v0 = IntVector.broadcast(WIDE_I, x[q + k * ROWS + 1]).reinterpretAsShorts();
                v1 = IntVector.broadcast(WIDE_I, x[q + k * ROWS + ROWS + 1]).reinterpretAsShorts();
                s10 = s10.add(p00.mul(v0).add(p10.mul(v1)).lanewise(VectorOperators.ASHR, DROPPED));
                s11 = s11.add(p01.mul(v0).add(p11.mul(v1)).lanewise(VectorOperators.ASHR, DROPPED));
            }
            for (int k = BLOCK / 2; k < BLOCK; k += 2) {
                ShortVector p00 = ShortVector.fromArray(WIDE_S, panel, p + k * COLUMNS);
                ShortVector p01 = ShortVector.fromArray(WIDE_S, panel, p + k * COLUMNS + LANES);
                ShortVector p10 = ShortVector.fromArray(WIDE_S, panel, p + k * COLUMNS + COLUMNS);
                ShortVector p11 = ShortVector.fromArray(WIDE_S, panel, p + k * COLUMNS + COLUMNS + LANES);
                ShortVector v0 = IntVector.broadcast(WIDE_I, x[q + k * ROWS]).reinterpretAsShorts();
                ShortVector v1 = IntVector.broadcast(WIDE_I, x[q + k * ROWS + ROWS]).reinterpretAsShorts();
                s00 = s00.sub(p00.mul(v0).add(p10.mul(v1)).lanewise(VectorOperators.ASHR, DROPPED));
                s01 = s01.sub(p01.mul(v0).add(p11.mul(v1)).lanewise(VectorOperators.ASHR, DROPPED));
                v0 = IntVector.broadcast(WIDE_I, x[q + k * ROWS + 1]).reinterpretAsShorts();
                v1 = IntVector.broadcast(WIDE_I, x[q + k * ROWS + ROWS + 1]).reinterpretAsShorts();
                s10 = s10.sub(p00.mul(v0).add(p10.mul(v1)).lanewise(VectorOperators.ASHR, DROPPED));
                s11 = s11.sub(p01.mul(v0).add(p11.mul(v1)).lanewise(VectorOperators.ASHR, DROPPED));
            }
            FloatVector scale0 = FloatVector.fromArray(WIDE_F, scales, column + b * COLUMNS);
            FloatVector scale1 = FloatVector.fromArray(WIDE_F, scales, column + b * COLUMNS + FLOATS);
            FloatVector scale2 = FloatVector.fromArray(WIDE_F, scales, column + b * COLUMNS + 2 * FLOATS);
            FloatVector scale3 = FloatVector.fromArray(WIDE_F, scales, column + b * COLUMNS + 3 * FLOATS);
            FloatVector by = FloatVector.broadcast(WIDE_F, UNIT * xScales[block + b]);
            IntVector pairs = s00.reinterpretAsInts();
            IntVector even = pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
            t00 = ((FloatVector) even.convert(VectorOperators.I2F, 0)).mul(scale0).fma(by, t00);
            t01 = ((FloatVector) pairs.lanewise(VectorOperators.ASHR, 16).convert(VectorOperators.I2F, 0)).mul(scale1).fma(by, t01);
            pairs = s01.reinterpretAsInts();
            even = pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
            t02 = ((FloatVector) even.convert(VectorOperators.I2F, 0)).mul(scale2).fma(by, t02);
            t03 = ((FloatVector) pairs.lanewise(VectorOperators.ASHR, 16).convert(VectorOperators.I2F, 0)).mul(scale3).fma(by, t03);
            by = FloatVector.broadcast(WIDE_F, UNIT * xScales[other + b]);
            pairs = s10.reinterpretAsInts();
            even = pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
            t10 = ((FloatVector) even.convert(VectorOperators.I2F, 0)).mul(scale0).fma(by, t10);
            t11 = ((FloatVector) pairs.lanewise(VectorOperators.ASHR, 16).convert(VectorOperators.I2F, 0)).mul(scale1).fma(by, t11);
            pairs = s11.reinterpretAsInts();
            even = pairs.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
            t12 = ((FloatVector) even.convert(VectorOperators.I2F, 0)).mul(scale2).fma(by, t12);
            t13 = ((FloatVector) pairs.lanewise(VectorOperators.ASHR, 16).convert(VectorOperators.I2F, 0)).mul(scale3).fma(by, t13);
        }
        t00.intoArray(tile, to);
        t01.intoArray(tile, to + FLOATS);
        t02.intoArray(tile, to + 2 * FLOATS);
        t03.intoArray(tile, to + 3 * FLOATS);
        t10.intoArray(tile, to + COLUMNS);
        t11.intoArray(tile, to + COLUMNS + FLOATS);
        t12.intoArray(tile, to + COLUMNS + 2 * FLOATS);
        t13.intoArray(tile, to + COLUMNS + 3 * FLOATS);
    }
}

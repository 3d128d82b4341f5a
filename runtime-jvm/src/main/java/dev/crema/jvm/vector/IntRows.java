package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;
import static dev.crema.jvm.vector.Lanes.I;

/**
 * Rows of x as whole numbers: each run of 32 channels has a scale of its own, its largest magnitude over that. Made once
 * for all mat-muls that read the row.
 */
final class IntRows {
    static final int BLOCK = 32;
    private static final int TILE = ShortTile.ROWS;
    /** Sums of 32 products with numbers from -8 to 8 fit 16 bits, and sums of two with bytes. */
    static final int LARGEST = 127;
    /** Adding it leaves the nearest whole number in the low bits of a float. */
    private static final float ROUNDER = 0x1.8p23f;

    /** Each lane takes the one before; those that begin a group of 4 or of 2 have none to take. */
    private static final VectorShuffle<Integer> BEFORE = VectorShuffle.fromOp(I, i -> Math.max(0, i - 1));
    private static final IntVector IN_FOUR = IntVector.fromArray(I, new int[] {0, -1, -1, -1, 0, -1, -1, -1}, 0);
    private static final IntVector IN_TWO = IntVector.fromArray(I, new int[] {0, -1, 0, -1, 0, -1, 0, -1}, 0);

    final int rows;
    final int channels;
    final int blocks;
    /** [rows, channels]: each quant as two equal shorts, because processors broadcast 32 bits from memory at no cost. */
    final int[] quants;
    /** [rows, blocks] */
    final float[] scales;
    /** [rows, blocks]: the sum of x as it was, for what weights have in common. */
    final float[] plainSums;
    /** [rows, blocks, 2]: scales and sums for each half of a block. */
    final float[] halfScales;
    final float[] halfSums;
    /** [rows / 6, channels, 6], for {@link IntGemm}: the quants of six rows stand together, one address for all. Some of the last may be of no row. */
    final int[] tiles;
    /** [rows, channels], for {@link PackedDot}: quants less 16 times the one before in a group of four, and less 256 times that of a pair. */
    final int[] fourFactors;
    final int[] twoFactors;
    /** [rows, blocks], for {@link PackedDot}: minus 8 times the sum of quants, and 8 times the sum of x in units of the scale. */
    final int[] starts;
    final float[] eightSums;

    private IntRows(int rows, int channels, boolean few) {
        this.rows = rows;
        this.channels = channels;
        blocks = channels / BLOCK;
        quants = new int[rows * channels];
        scales = new float[rows * blocks];
        plainSums = new float[rows * blocks];
        halfScales = new float[2 * rows * blocks];
        halfSums = new float[2 * rows * blocks];
        tiles = few ? null : new int[(rows + TILE - 1) / TILE * TILE * channels];
        fourFactors = few ? new int[rows * channels] : null;
        twoFactors = few ? new int[rows * channels] : null;
        starts = few ? new int[rows * blocks] : null;
        eightSums = few ? new float[rows * blocks] : null;
    }

    /** For {@link PackedDot}. */
    static IntRows few(int rows, int channels) {
        return new IntRows(rows, channels, true);
    }

    /** For {@link IntGemm}. */
    static IntRows many(int rows, int channels) {
        return new IntRows(rows, channels, false);
    }

    /** Takes {@code rows} rows of x from the first. */
    void set(float[] x, int rows) {
        set(x, 0, rows);
    }

    /** Takes rows {@code from .. to-1}. */
    void set(float[] x, int from, int to) {
        for (int block = from * blocks; block < to * blocks; block++) {
            float scale = largest(x, block * BLOCK) / LARGEST;
            quantise(x, block * BLOCK, scale > 0 ? 1 / scale : 0, quants);
            scales[block] = scale;
            halfScales[2 * block] = scale;
            halfScales[2 * block + 1] = scale;
            halfSums[2 * block] = sum(x, block * BLOCK);
            halfSums[2 * block + 1] = sum(x, block * BLOCK + BLOCK / 2);
            plainSums[block] = halfSums[2 * block] + halfSums[2 * block + 1];
            if (starts != null) {
                setFactors(block * BLOCK);
                setStart(block, scale);
            } else {
                putIntoTile(block / blocks, block % blocks * BLOCK, block * BLOCK);
            }
        }
    }

    private void putIntoTile(int row, int channel, int from) {
        int to = (row / TILE * channels + channel) * TILE + row % TILE;
        for (int i = 0; i < BLOCK; i++, to += TILE) {
            tiles[to] = quants[from + i];
        }
    }

    private void setStart(int block, float scale) {
        int sum = 0;
        for (int i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
            sum += quants[i] >> 16;
        }
        eightSums[block] = scale > 0 ? 8 * plainSums[block] / scale : 0;
        starts[block] = -8 * sum << 16 | -8 * sum & 0xffff;
    }

    private void setFactors(int from) {
        for (int i = from; i < from + BLOCK; i += COUNT) {
            IntVector quant = IntVector.fromArray(I, quants, i);
            IntVector before = quant.rearrange(BEFORE);
            ShortVector sixteen = before.and(IN_FOUR).reinterpretAsShorts().lanewise(VectorOperators.LSHL, 4);
            quant.reinterpretAsShorts().sub(sixteen).reinterpretAsInts().intoArray(fourFactors, i);
            ShortVector all = before.and(IN_TWO).reinterpretAsShorts().lanewise(VectorOperators.LSHL, 8);
            quant.reinterpretAsShorts().sub(all).reinterpretAsInts().intoArray(twoFactors, i);
        }
    }

    private static float sum(float[] x, int from) {
        FloatVector sum = FloatVector.fromArray(F, x, from);
        for (int i = COUNT; i < BLOCK / 2; i += COUNT) {
            sum = sum.add(FloatVector.fromArray(F, x, from + i));
        }
        return Lanes.sum(sum);
    }

    private static float largest(float[] x, int from) {
        FloatVector largest = FloatVector.fromArray(F, x, from).abs();
        for (int i = COUNT; i < BLOCK; i += COUNT) {
            largest = largest.max(FloatVector.fromArray(F, x, from + i).abs());
        }
        return largest.reduceLanes(VectorOperators.MAX);
    }

    private static void quantise(float[] x, int from, float inverse, int[] quants) {
        for (int i = from; i < from + BLOCK; i += COUNT) {
            FloatVector rounded = FloatVector.fromArray(F, x, i).mul(inverse).add(ROUNDER);
            IntVector quant = rounded.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER));
            quant.and(0xffff).or(quant.lanewise(VectorOperators.LSHL, 16)).intoArray(quants, i);
        }
    }
}

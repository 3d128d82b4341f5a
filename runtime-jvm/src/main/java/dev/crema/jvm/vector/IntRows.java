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
 * Rows of x as whole numbers, for {@link PackedDot}: each run of 32 channels has a scale of its own. Made once for all mat-muls that read the row.
 */
final class IntRows {
    static final int BLOCK = 32;
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
    /** [rows, channels]: quants less 16 times the one before in a group of four, and less 256 times that of a pair. */
    final int[] fourFactors;
    final int[] twoFactors;
    /** [rows, blocks]: minus 8 times the sum of quants, and 8 times the sum of x in units of the scale. */
    final int[] starts;
    final float[] eightSums;

    IntRows(int rows, int channels) {
        this.rows = rows;
        this.channels = channels;
        blocks = channels / BLOCK;
        quants = new int[rows * channels];
        scales = new float[rows * blocks];
        plainSums = new float[rows * blocks];
        halfScales = new float[2 * rows * blocks];
        halfSums = new float[2 * rows * blocks];
        fourFactors = new int[rows * channels];
        twoFactors = new int[rows * channels];
        starts = new int[rows * blocks];
        eightSums = new float[rows * blocks];
    }

    /** Takes {@code rows} rows of x from the first. */
    void set(float[] x, int rows) {
        for (int block = 0; block < rows * blocks; block++) {
            float scale = scale(x, block * BLOCK);
            quantise(x, block * BLOCK, scale, quants, block * BLOCK);
            scales[block] = scale;
            halfScales[2 * block] = scale;
            halfScales[2 * block + 1] = scale;
            halfSums[2 * block] = sum(x, block * BLOCK);
            halfSums[2 * block + 1] = sum(x, block * BLOCK + BLOCK / 2);
            plainSums[block] = halfSums[2 * block] + halfSums[2 * block + 1];
            setFactors(block * BLOCK);
            setStart(block, scale);
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

    /** The sum of 16 elements. No loop: C2 may make objects of a vector that goes from one round to the next. */
    static float sum(float[] x, int from) {
        FloatVector sum = FloatVector.fromArray(F, x, from).add(FloatVector.fromArray(F, x, from + COUNT));
        if (COUNT == 4) {
            sum = sum.add(FloatVector.fromArray(F, x, from + 8)).add(FloatVector.fromArray(F, x, from + 12));
        }
        return Lanes.sum(sum);
    }

    /** That of a run of 32: its largest magnitude over {@link #LARGEST}. */
    static float scale(float[] x, int from) {
        float largest = largest(x, from);
        return (COUNT == 4 ? Math.max(largest, largest(x, from + 16)) : largest) / LARGEST;
    }

    /** The largest magnitude in four vectors. */
    private static float largest(float[] x, int from) {
        FloatVector first = FloatVector.fromArray(F, x, from).abs().max(FloatVector.fromArray(F, x, from + COUNT).abs());
        FloatVector second = FloatVector.fromArray(F, x, from + 2 * COUNT).abs().max(FloatVector.fromArray(F, x, from + 3 * COUNT).abs());
        return first.max(second).reduceLanes(VectorOperators.MAX);
    }

    /** Makes whole numbers of a run of 32, each as two equal shorts. */
    static void quantise(float[] x, int from, float scale, int[] quants, int to) {
        float inverse = scale > 0 ? 1 / scale : 0;
        for (int i = 0; i < BLOCK; i += COUNT) {
            FloatVector rounded = FloatVector.fromArray(F, x, from + i).mul(inverse).add(ROUNDER);
            IntVector quant = rounded.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER));
            quant.and(0xffff).or(quant.lanewise(VectorOperators.LSHL, 16)).intoArray(quants, to + i);
        }
    }
}

package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;

/**
 * Rows of x as whole numbers: each run of 32 channels has a scale of its own, its largest magnitude over that. Made once
 * for all mat-muls that read the row.
 */
final class IntRows {
    static final int BLOCK = 32;
    /** Sums of 16 products with numbers from -8 to 8 fit 16 bits. One bit more than Q8_0 has makes a quarter of its error. */
    static final int LARGEST = 255;
    /** Sums of 32 products fit. */
    static final int LARGEST_OF_MANY = 127;
    /** Adding it leaves the nearest whole number in the low bits of a float. */
    private static final float ROUNDER = 0x1.8p23f;

    private final int most;
    final int rows;
    final int channels;
    final int blocks;
    /** [rows, channels]: each quant as two equal shorts, because processors broadcast 32 bits from memory at no cost. */
    final int[] quants;
    /** [rows, blocks] */
    final float[] scales;
    /** [rows, blocks]: the sum of x as it was, for what weights have in common, and with {@link #LARGEST} 8 times that in units of the scale. */
    final float[] plainSums;
    final float[] eightSums;
    /** [rows, blocks, 2], with {@link #LARGEST}: minus 8 times the sum of the even and the odd channels, in 16 bits, twice; see {@link PackedDot}. */
    final int[] starts;

    IntRows(int rows, int channels) {
        this(rows, channels, LARGEST);
    }

    /** With numbers of magnitude {@code most}. */
    IntRows(int rows, int channels, int most) {
        this.most = most;
        this.rows = rows;
        this.channels = channels;
        blocks = channels / BLOCK;
        quants = new int[rows * channels];
        scales = new float[rows * blocks];
        plainSums = new float[rows * blocks];
        eightSums = new float[rows * blocks];
        starts = new int[2 * rows * blocks];
    }

    /** Takes {@code rows} rows of x from the first. */
    void set(float[] x, int rows) {
        set(x, 0, rows);
    }

    /** Takes rows {@code from .. to-1}. */
    void set(float[] x, int from, int to) {
        for (int block = from * blocks; block < to * blocks; block++) {
            float scale = largest(x, block * BLOCK) / most;
            quantise(x, block * BLOCK, scale > 0 ? 1 / scale : 0, quants);
            scales[block] = scale;
            plainSums[block] = sum(x, block * BLOCK);
            if (most == LARGEST) {
                setStarts(block, scale);
            }
        }
    }

    private void setStarts(int block, float scale) {
        int even = 0;
        int odd = 0;
        for (int i = block * BLOCK; i < (block + 1) * BLOCK; i += 2) {
            even += quants[i] >> 16;
            odd += quants[i + 1] >> 16;
        }
        eightSums[block] = scale > 0 ? 8 * plainSums[block] / scale : 0;
        starts[2 * block] = twice(-8 * even);
        starts[2 * block + 1] = twice(-8 * odd);
    }

    private static float sum(float[] x, int from) {
        FloatVector sum = FloatVector.fromArray(F, x, from);
        for (int i = COUNT; i < BLOCK; i += COUNT) {
            sum = sum.add(FloatVector.fromArray(F, x, from + i));
        }
        return Lanes.sum(sum);
    }

    private static int twice(int number) {
        return number << 16 | number & 0xffff;
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

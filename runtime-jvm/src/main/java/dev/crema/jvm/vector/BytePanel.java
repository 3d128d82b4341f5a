package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.WIDE_F;
import static dev.crema.jvm.vector.Lanes.WIDE_I;

/** Decodes rows of Q8_0 into the panels of {@link Gemm}: blocks are transposed as words of four bytes, which costs a quarter of what floats would. */
final class BytePanel {
    private static final int ROWS = GemmTile.COLUMNS;
    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 34;
    private static final int LANES = WIDE_F.length();
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);

    private BytePanel() { }

    /** {@code panel[32k + f]} is element {@code [first + f, column + k]}, or zero where there are fewer features; column and depth are whole blocks. */
    static void fill(Matrix weight, int first, int features, int column, int depth, Scratch scratch) {
        int[] words = scratch.words;
        float[] scales = scratch.decoded;
        Arrays.fill(words, 0, ROWS * BLOCK / 4, 0);
        Arrays.fill(scales, 0, ROWS, 0);
        long at = first * weight.rowBytes() + column / BLOCK * (long) BLOCK_BYTES;
        for (int k = 0; k < depth; k += BLOCK, at += BLOCK_BYTES) {
            turn(weight.bytes(), at, weight.rowBytes(), features, words, scales);
            for (int f = 0; f < ROWS; f += LANES) {
                scaled(words, scales, f, scratch.panel, k * ROWS + f);
            }
        }
    }

    /** {@code words[i][f]} are the four bytes from {@code 4i} of row f's block. */
    private static void turn(MemorySegment bytes, long at, long stride, int features, int[] words, float[] scales) {
        for (int f = 0; f < features; f++, at += stride) {
            scales[f] = Float.float16ToFloat(bytes.get(SHORT, at));
            for (int i = 0; i < BLOCK / 8; i++) {
                long eight = bytes.get(LONG, at + 2 + 8 * i);
                words[2 * i * ROWS + f] = (int) eight;
                words[(2 * i + 1) * ROWS + f] = (int) (eight >>> 32);
            }
        }
    }

    private static void scaled(int[] words, float[] scales, int f, float[] panel, int to) {
        FloatVector scale = FloatVector.fromArray(WIDE_F, scales, f);
        for (int i = 0; i < BLOCK / 4; i++, to += 4 * ROWS) {
            IntVector four = IntVector.fromArray(WIDE_I, words, i * ROWS + f);
            put(four.lanewise(VectorOperators.LSHL, 24), scale, panel, to);
            put(four.lanewise(VectorOperators.LSHL, 16), scale, panel, to + ROWS);
            put(four.lanewise(VectorOperators.LSHL, 8), scale, panel, to + 2 * ROWS);
            put(four, scale, panel, to + 3 * ROWS);
        }
    }

    /** The upper bytes. */
    private static void put(IntVector words, FloatVector scale, float[] panel, int to) {
        ((FloatVector) words.lanewise(VectorOperators.ASHR, 24).convert(VectorOperators.I2F, 0)).mul(scale).intoArray(panel, to);
    }
}

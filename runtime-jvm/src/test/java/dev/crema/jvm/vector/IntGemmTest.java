package dev.crema.jvm.vector;

import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Many rows in whole numbers against the weights as floats. */
class IntGemmTest {
    /** More than a panel's depth and than a slice of products, not whole ones. */
    private static final int COLUMNS = 1792;
    /** A panel, and a group of another that is not full. */
    private static final int FEATURES = 85;

    private static Matrix pack(DType format, byte[] blocks, int features, Arena arena) {
        try (var workers = new Workers(2)) {
            var weight = new Weight("w", format, Shape.of(features, COLUMNS));
            MemorySegment packed = arena.allocate(Repacker.bytes(weight), 64);
            Repacker.pack(weight, Blocks.segment(blocks), null, packed, workers);
            return new Matrix(format, features, COLUMNS, packed, true);
        }
    }

    private static int multiply(IntRows x, RowList rows, Matrix weight, float[] bias, float[] out, int threads) {
        int pieces = IntGemm.pieces(rows, weight, threads);
        for (int piece = 0; piece < pieces; piece++) {
            IntGemm.multiply(x, rows, new MatMulKernel.Part(weight, bias, out), piece, pieces, new Scratch(0));
        }
        return pieces;
    }

    /** Rows in an order of their own, cut among threads. Only the rounding of x may show, and in the mins not even that. */
    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"Q4_0", "Q4_1", "Q4_K"})
    void onlyRowsAreRounded(DType format) {
        var random = new Random(21);
        int count = 53;
        byte[] blocks = Blocks.random(format, FEATURES * COLUMNS, random);
        float[] weights = new float[FEATURES * COLUMNS];
        Quant.dequantize(format, blocks, 0, weights, 0, weights.length);
        float[] x = floats((count + 4) * COLUMNS, random);
        var rows = IntRows.many(count + 4, COLUMNS);
        rows.set(x, 0, 20);
        rows.set(x, 20, count + 4);
        var list = new RowList(new int[count + 3], new int[count + 3]);
        list.first = 3;
        list.count = count;
        for (int i = 0; i < count; i++) {
            list.x[3 + i] = (i * 11 + 5) % (count + 4);
            list.out[3 + i] = count - 1 - i;
        }
        float[] bias = floats(FEATURES, random);
        float[] out = new float[count * FEATURES];
        Arrays.fill(out, Float.NaN);
        try (Arena arena = Arena.ofShared()) {
            assertEquals(4, multiply(rows, list, pack(format, blocks, FEATURES, arena), bias, out, 3));
        }
        for (int i = 0; i < count; i++) {
            for (int f = 0; f < FEATURES; f++) {
                check(format, x, list.x[3 + i], rows, weights, f, bias[f], out[list.out[3 + i] * FEATURES + f]);
            }
        }
    }

    private static void check(DType format, float[] x, int row, IntRows rows, float[] weights, int feature, float bias, float found) {
        double exact = bias;
        double rounded = bias;
        double magnitude = 1e-3;
        double rounding = 0;
        for (int k = 0; k < COLUMNS; k++) {
            int at = row * COLUMNS + k;
            float scale = rows.scales[at / IntRows.BLOCK];
            float weight = weights[feature * COLUMNS + k];
            float near = (rows.quants[at] >> 16) * scale;
            assertEquals(x[at], near, scale * 0.501);
            exact += (double) x[at] * weight;
            rounded += (double) near * weight;
            magnitude += Math.abs(near * weight);
            rounding += scale * scale / 12 * weight * weight;
        }
        if (format == DType.Q4_0) {
            assertEquals(rounded, found, 1e-5 * magnitude, "row " + row + ", feature " + feature);
        }
        // Six standard deviations of what the rounding of so many numbers comes to.
        assertEquals(exact, found, 6 * Math.sqrt(rounding) + 1e-5 * magnitude, format + ", row " + row + ", feature " + feature);
    }

    /** The largest sums that 16 bits must hold, of either sign. */
    @ParameterizedTest
    @CsvSource({"0, 1", "0, -1", "255, 1", "255, -1"})
    void sumsAtTheirExtremesFit(int quants, int x) {
        byte[] blocks = new byte[(int) DType.Q4_0.bytes(Packed.ROWS * COLUMNS)];
        for (int at = 0; at < blocks.length; at++) {
            blocks[at] = at % 18 == 0 ? 0 : at % 18 == 1 ? 0x3c : (byte) quants;
        }
        float[] ones = new float[COLUMNS];
        Arrays.fill(ones, x);
        var rows = IntRows.many(1, COLUMNS);
        rows.set(ones, 1);
        var list = RowList.consecutive(1);
        list.count = 1;
        float[] out = new float[Packed.ROWS];
        try (Arena arena = Arena.ofShared()) {
            multiply(rows, list, pack(DType.Q4_0, blocks, Packed.ROWS, arena), null, out, 1);
        }
        float expected = (quants == 0 ? -8f : 7f) * x * COLUMNS;
        for (float sum : out) {
            assertEquals(expected, sum, 0.2f);
        }
    }

    /** Every row and every feature is in one piece, however many threads there are. */
    @Test
    void piecesCoverAllRows() {
        try (Arena arena = Arena.ofShared()) {
            Matrix weight = pack(DType.Q4_0, Blocks.random(DType.Q4_0, FEATURES * COLUMNS, new Random(22)), FEATURES, arena);
            var random = new Random(23);
            for (int count : new int[] {1, 6, 23, 24, 100, 257}) {
                var list = RowList.consecutive(count);
                list.count = count;
                var rows = IntRows.many(count, COLUMNS);
                rows.set(floats(count * COLUMNS, random), count);
                float[] alone = new float[count * FEATURES];
                multiply(rows, list, weight, null, alone, 1);
                for (int threads : new int[] {2, 64}) {
                    float[] out = new float[count * FEATURES];
                    Arrays.fill(out, Float.NaN);
                    multiply(rows, list, weight, null, out, threads);
                    assertTrue(Arrays.equals(alone, out), count + " rows, " + threads + " threads");
                }
            }
        }
    }

    private static float[] floats(int n, Random random) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (random.nextFloat() - 0.5f) * (i % 7 + 1);
        }
        return x;
    }
}

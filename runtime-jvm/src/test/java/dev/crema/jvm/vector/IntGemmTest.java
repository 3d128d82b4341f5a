package dev.crema.jvm.vector;

import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Many rows in whole numbers against the weights as floats. Bytes are tested with short vectors too, though nobody uses them there. */
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

    private static IntTiles tiles(float[] x, RowList rows) {
        var tiles = new IntTiles();
        tiles.reserve(RowTiles.size(rows.tileRow + rows.count, COLUMNS));
        tiles.prepare();
        Arrays.fill(tiles.scales, Float.NaN); // Nobody reads what is of no row.
        int middle = rows.count / 2;
        tiles.put(x, COLUMNS, rows, 0, middle, new int[IntRows.BLOCK]);
        tiles.put(x, COLUMNS, rows, middle, rows.count, new int[IntRows.BLOCK]);
        return tiles;
    }

    private static int multiply(IntTiles x, RowList rows, Matrix weight, float[] bias, float[] out, int threads) {
        int pieces = IntGemm.pieces(rows, weight, threads);
        for (int piece = 0; piece < pieces; piece++) {
            IntGemm.multiply(x, rows, new MatMulKernel.Part(weight, bias, out), piece, pieces, new Scratch(0));
        }
        return pieces;
    }

    /** Rows in an order of their own, cut among threads. Only the rounding of x may show, and in the mins not even that. */
    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"Q4_0", "Q4_1", "Q4_K", "Q8_0"})
    void onlyRowsAreRounded(DType format) {
        // With the last tile nearly full, and of two or four rows, which are multiplied by themselves.
        for (int count : new int[] {53, 52, 50}) {
            onlyRowsAreRounded(format, count);
        }
    }

    private static void onlyRowsAreRounded(DType format, int count) {
        var random = new Random(21);
        byte[] blocks = Blocks.random(format, FEATURES * COLUMNS, random);
        float[] weights = new float[FEATURES * COLUMNS];
        Quant.dequantize(format, blocks, 0, weights, 0, weights.length);
        float[] x = floats((count + 4) * COLUMNS, random);
        var rounded = new IntRows(count + 4, COLUMNS);
        rounded.set(x, count + 4);
        var list = new RowList(new int[count + 3], new int[count + 3]);
        list.first = 3;
        list.tileRow = 2 * ShortTile.ROWS;
        list.count = count;
        for (int i = 0; i < count; i++) {
            list.x[3 + i] = (i * 11 + 5) % (count + 4);
            list.out[3 + i] = count - 1 - i;
        }
        float[] bias = floats(FEATURES, random);
        float[] out = new float[count * FEATURES];
        Arrays.fill(out, Float.NaN);
        try (Arena arena = Arena.ofShared()) {
            assertEquals(4, multiply(tiles(x, list), list, pack(format, blocks, FEATURES, arena), bias, out, 3));
        }
        for (int i = 0; i < count; i++) {
            for (int f = 0; f < FEATURES; f++) {
                float found = out[list.out[3 + i] * FEATURES + f];
                check(format, x, list.x[3 + i], rounded, weights, f, bias[f], dropped(format, blocks, f, rounded, list.x[3 + i]), found);
            }
        }
    }

    /** The variance of what sums of two products of bytes lose: a whole number below 16, each of 16 times in a block. */
    private static double dropped(DType format, byte[] blocks, int feature, IntRows rows, int row) {
        double sum = 0;
        for (int b = 0; b < rows.blocks && format == DType.Q8_0; b++) {
            int at = (feature * rows.blocks + b) * format.blockBytes();
            double unit = Float.float16ToFloat((short) (blocks[at] & 255 | blocks[at + 1] << 8)) * rows.scales[row * rows.blocks + b];
            sum += 16 * 16 * 16 / 12.0 * unit * unit;
        }
        return sum;
    }

    private static void check(DType format, float[] x, int row, IntRows rows, float[] weights, int feature, float bias, double dropped, float found) {
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
        if (format == DType.Q4_0 || format == DType.Q8_0) {
            assertEquals(rounded, found, 6 * Math.sqrt(dropped) + 1e-5 * magnitude, "row " + row + ", feature " + feature);
            assertTrue(dropped < 0.05 * rounding, dropped + " of " + rounding);
        }
        // Six standard deviations of what the rounding of so many numbers comes to.
        assertEquals(exact, found, 6 * Math.sqrt(rounding + dropped) + 1e-5 * magnitude, format + ", row " + row + ", feature " + feature);
    }

    /** The largest sums that 16 bits must hold, of either sign. */
    @ParameterizedTest
    @CsvSource({"Q4_0, 0, -8, 1", "Q4_0, 0, -8, -1", "Q4_0, 255, 7, 1", "Q4_0, 255, 7, -1",
        "Q8_0, 128, -128, 1", "Q8_0, 128, -128, -1", "Q8_0, 127, 127, 1", "Q8_0, 127, 127, -1"})
    void sumsAtTheirExtremesFit(DType format, int quants, float weight, int x) {
        byte[] blocks = new byte[(int) format.bytes(Packed.ROWS * COLUMNS)];
        for (int at = 0; at < blocks.length; at++) {
            blocks[at] = at % format.blockBytes() == 0 ? 0 : at % format.blockBytes() == 1 ? 0x3c : (byte) quants;
        }
        float[] ones = new float[COLUMNS];
        Arrays.fill(ones, x);
        var list = RowList.consecutive(1);
        list.count = 1;
        float[] out = new float[Packed.ROWS];
        try (Arena arena = Arena.ofShared()) {
            multiply(tiles(ones, list), list, pack(format, blocks, Packed.ROWS, arena), null, out, 1);
        }
        for (float sum : out) {
            assertEquals(weight * x * COLUMNS, sum, (format == DType.Q8_0 ? 3e-4f : 1e-5f) * COLUMNS * Math.abs(weight));
        }
    }

    /** Every row and every feature is in one piece, however many threads there are. */
    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"Q4_0", "Q8_0"})
    void piecesCoverAllRows(DType format) {
        try (Arena arena = Arena.ofShared()) {
            Matrix weight = pack(format, Blocks.random(format, FEATURES * COLUMNS, new Random(22)), FEATURES, arena);
            var random = new Random(23);
            for (int count : new int[] {1, 6, 23, 24, 100, 257}) {
                var list = RowList.consecutive(count);
                list.count = count;
                IntTiles rows = tiles(floats(count * COLUMNS, random), list);
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

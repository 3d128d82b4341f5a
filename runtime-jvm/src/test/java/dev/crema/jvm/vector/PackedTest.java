package dev.crema.jvm.vector;

import dev.crema.graph.Weight;
import dev.crema.jvm.files.LocalFiles;
import dev.crema.jvm.files.MappedBytes;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Repacked weights against the definition of their formats. */
class PackedTest {
    private static final DType[] FORMATS = Arrays.stream(DType.values()).filter(Packed::supports).toArray(DType[]::new);
    /** More than one slice of {@link PackedDot#DEPTH} and of {@link Gemm#DEPTH}, not whole ones. */
    private static final int COLUMNS = 1280;
    /** A group and some rows of another. */
    private static final int ROWS = 53;

    @TempDir
    private Path folder;

    private static Matrix pack(DType format, MemorySegment source, int matrices, Arena arena) {
        Shape shape = matrices == 1 ? Shape.of(ROWS, COLUMNS) : Shape.of(matrices, ROWS, COLUMNS);
        try (var workers = new Workers(3)) {
            var weight = new Weight("w", format, shape);
            MemorySegment packed = WeightMemory.allocate(Repacker.bytes(weight), arena);
            Repacker.pack(weight, source, null, packed, workers);
            assertEquals(matrices * Packed.bytes(format, ROWS, COLUMNS), packed.byteSize());
            long each = packed.byteSize() / matrices;
            return new Matrix(format, ROWS, COLUMNS, packed.asSlice((matrices - 1) * each, each), true);
        }
    }

    private static float[] random(int n, Random random) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (random.nextFloat() - 0.5f) * (i % 7 + 1);
        }
        return x;
    }

    /** Of the last of several matrices, so that places in a stack are seen too. */
    @Test
    void rowsAndPanelsAreTheWeights() {
        var random = new Random(11);
        for (DType format : FORMATS) {
            byte[] blocks = Blocks.random(format, 2 * ROWS * COLUMNS, random);
            float[] expected = new float[2 * ROWS * COLUMNS];
            Quant.dequantize(format, blocks, 0, expected, 0, expected.length);
            float[] second = Arrays.copyOfRange(expected, ROWS * COLUMNS, expected.length);
            try (Arena arena = Arena.ofShared()) {
                Matrix packed = pack(format, Blocks.segment(blocks), 2, arena);
                float[] row = new float[COLUMNS];
                for (int r = 0; r < ROWS; r++) {
                    packed.decode(r, 256, COLUMNS - 256, row, 256);
                    packed.decode(r, 0, 256, row, 0);
                    assertArrayEquals(Arrays.copyOfRange(second, r * COLUMNS, (r + 1) * COLUMNS), row, format + " row " + r);
                }
                panels(packed, second);
            }
        }
    }

    private static void panels(Matrix packed, float[] expected) {
        var scratch = new Scratch(0);
        for (int first = 0; first < ROWS; first += GemmTile.COLUMNS) {
            for (int column = 0; column < COLUMNS; column += Gemm.DEPTH) {
                int depth = Math.min(Gemm.DEPTH, COLUMNS - column);
                PackedPanel.fill(packed, first, column, depth, scratch);
                for (int k = 0; k < depth; k++) {
                    for (int f = 0; f < GemmTile.COLUMNS; f++) {
                        float weight = first + f < ROWS ? expected[(first + f) * COLUMNS + column + k] : 0;
                        assertEquals(weight, scratch.panel[k * GemmTile.COLUMNS + f], 1e-5f * Math.abs(weight) + 1e-6f, packed.format() + " feature "
                            + (first + f) + " column " + (column + k));
                    }
                }
            }
        }
    }

    /** Exact in whole numbers: only the rounding of x may show, at most half a step of a block's largest magnitude. */
    @Test
    void productsAreThoseOfRoundedRows() {
        var random = new Random(12);
        for (DType format : FORMATS) {
            byte[] blocks = Blocks.random(format, ROWS * COLUMNS, random);
            float[] weights = new float[ROWS * COLUMNS];
            Quant.dequantize(format, blocks, 0, weights, 0, weights.length);
            float[] x = random(2 * COLUMNS, random);
            // The largest sums that 16 bits must hold.
            Arrays.fill(x, COLUMNS, COLUMNS + 64, 3);
            Arrays.fill(x, COLUMNS + 64, COLUMNS + 96, -3);
            var rows = new IntRows(2, COLUMNS);
            rows.set(x, 2);
            float[] bias = random(ROWS, random);
            float[] out = new float[3 * ROWS];
            try (Arena arena = Arena.ofShared()) {
                Matrix packed = pack(format, Blocks.segment(blocks), 1, arena);
                for (int group = 0; group < Packed.groups(ROWS); group++) {
                    PackedDot.multiply(rows, 1, packed, group, bias, out, 2, new Scratch(0));
                }
                pairsGiveTheBitsOfEach(rows, packed, bias, Arrays.copyOfRange(out, 2 * ROWS, 3 * ROWS));
            }
            boolean hasMins = List.of(DType.Q4_1, DType.Q5_1, DType.Q2_K, DType.Q4_K, DType.Q5_K).contains(format);
            for (int r = 0; r < ROWS; r++) {
                double expected = bias[r];
                double magnitude = 0;
                for (int k = 0; k < COLUMNS; k++) {
                    double rounded = (rows.quants[COLUMNS + k] >> 16) * rows.scales[(COLUMNS + k) / IntRows.BLOCK];
                    assertEquals(x[COLUMNS + k], rounded, rows.scales[(COLUMNS + k) / IntRows.BLOCK] * 0.501, "column " + k);
                    // What weights of a block have in common meets x as it is, so only the rest sees the rounding.
                    expected += (hasMins ? x[COLUMNS + k] : rounded) * weights[r * COLUMNS + k];
                    magnitude += Math.abs(rounded * weights[r * COLUMNS + k]);
                }
                assertEquals(expected, out[2 * ROWS + r], (hasMins ? 5e-4 : 1e-5) * magnitude, format + " feature " + r);
                assertEquals(0, out[r]);
            }
        }
    }

    private static void pairsGiveTheBitsOfEach(IntRows rows, Matrix packed, float[] bias, float[] second) {
        float[] first = new float[ROWS];
        float[] out = new float[2 * ROWS];
        for (int group = 0; group < Packed.groups(ROWS); group++) {
            PackedDot.multiply(rows, 0, packed, group, bias, first, 0, new Scratch(0));
            PackedDot.multiply(rows, 1, 0, packed, group, bias, out, 0, 1, new Scratch(0));
        }
        assertArrayEquals(second, Arrays.copyOf(out, ROWS));
        assertArrayEquals(first, Arrays.copyOfRange(out, ROWS, 2 * ROWS));
    }

    /** The least and the greatest quant of all formats in all columns, and every other one, with x of either sign. */
    @Test
    void allWeightsAtTheirExtremes() {
        for (int fill : new int[] {0, 0x80, 0x7f, 0xff, 0x807f, 0x7f80, 0x81ff}) {
            for (DType format : FORMATS) {
                byte[] blocks = new byte[(int) format.bytes(ROWS * COLUMNS)];
                for (int at = 0; at < blocks.length; at++) {
                    blocks[at] = (byte) (fill > 255 && at % 2 == 0 ? fill >> 8 : fill);
                }
                Blocks.setScales(format, blocks, 0x3c00);
                for (int sign : new int[] {-1, 1}) {
                    extremes(format, blocks, sign);
                }
            }
        }
    }

    private static void extremes(DType format, byte[] blocks, int sign) {
        float[] weights = new float[COLUMNS];
        Quant.dequantize(format, blocks, 0, weights, 0, COLUMNS);
        float[] x = new float[COLUMNS];
        double expected = 0;
        double magnitude = 0;
        for (int k = 0; k < COLUMNS; k++) {
            x[k] = sign * (weights[k] < 0 ? -1 : 1); // All products are of one sign, and x has the greatest magnitude everywhere.
            expected += x[k] * weights[k];
            magnitude += Math.abs(weights[k]);
        }
        var rows = new IntRows(1, COLUMNS);
        rows.set(x, 1);
        float[] out = new float[ROWS];
        try (Arena arena = Arena.ofShared()) {
            PackedDot.multiply(rows, 0, pack(format, Blocks.segment(blocks), 1, arena), 0, null, out, 0, new Scratch(0));
        }
        assertEquals(expected, out[0], 1e-5 * magnitude, format.toString());
    }

    /** The file is read, not touched through its mapping: what is repacked is resident once. */
    @Test
    void repackingLeavesTheMappingAlone() throws IOException {
        int rows = 32768;
        byte[] row = Blocks.random(DType.Q4_0, COLUMNS, new Random(14));
        Path file = folder.resolve("weights.gguf");
        try (var out = Files.newOutputStream(file)) {
            for (int r = 0; r < rows; r += 64) {
                for (int i = 0; i < 64; i++) {
                    out.write(row);
                }
            }
        }
        long bytes = Files.size(file);
        try (var files = LocalFiles.of(file); var workers = new Workers(2); Arena arena = Arena.ofShared()) {
            var mapped = (MappedBytes) files.awaitOpen("weights.gguf");
            long before = residentFileBytes();
            var weight = new Weight("w", DType.Q4_0, Shape.of(rows, COLUMNS));
            MemorySegment packed = WeightMemory.allocate(Repacker.bytes(weight), arena);
            Repacker.pack(weight, mapped.segment(), mapped, packed, workers);
            long grown = residentFileBytes() - before;
            assertTrue(grown < bytes / 4, "mapped files of " + bytes + " bytes have " + grown + " more bytes resident");
            float[] expected = new float[COLUMNS];
            Quant.dequantize(DType.Q4_0, row, 0, expected, 0, COLUMNS);
            float[] found = new float[COLUMNS];
            new Matrix(DType.Q4_0, rows, COLUMNS, packed, true).decode(rows - 1, 0, COLUMNS, found, 0);
            assertArrayEquals(expected, found);
            MemorySegment.copy(mapped.segment(), 0, arena.allocate(bytes), 0, bytes);
            assertTrue(residentFileBytes() - before > bytes / 2, "the count does not see mapped pages");
        }
    }

    /** RssFile of Linux. */
    private static long residentFileBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "no /proc to count resident pages in");
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("RssFile:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("no RssFile in " + status);
    }
}

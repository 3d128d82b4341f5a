package dev.crema.jvm.vector;

import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Products with many rows of weights as they stand in files; those of packed ones are in {@link PackedTest}. */
class GemmTest {
    /** More than a panel's depth, not whole ones. */
    private static final int COLUMNS = 1280;
    /** A panel and some features of another. */
    private static final int FEATURES = 53;

    /** Rows that stand elsewhere and in another order, as those of an expert, in tiles that are not full. */
    @Test
    void rowsMeetAllFeatures() {
        var random = new Random(5);
        for (DType format : DType.values()) {
            if (!Decoder.supports(format)) {
                continue;
            }
            byte[] blocks = blocks(format, random);
            float[] weights = new float[FEATURES * COLUMNS];
            Quant.dequantize(format, blocks, 0, weights, 0, weights.length);
            var matrix = new Matrix(format, FEATURES, COLUMNS, Blocks.segment(blocks), false);
            check(matrix, weights, 1 + random.nextInt(20), format == DType.F16 ? null : floats(FEATURES, random), random);
        }
    }

    /** Of moderate size. */
    private static byte[] blocks(DType format, Random random) {
        byte[] blocks = Blocks.random(format, FEATURES * COLUMNS, random);
        for (int i = 0; i < blocks.length; i += format.blockBytes()) {
            switch (format) {
                case F32, BF16 -> blocks[i + format.blockBytes() - 1] &= (byte) 0xbf;
                case MXFP4 -> blocks[i] = (byte) (124 + random.nextInt(5));
                default -> { }
            }
        }
        return blocks;
    }

    private static void check(Matrix matrix, float[] weights, int count, float[] bias, Random random) {
        float[] x = floats((count + 3) * COLUMNS, random);
        int[] from = new int[count + 2];
        int[] to = new int[count + 2];
        for (int i = 0; i < count; i++) {
            from[2 + i] = (i * 7 + 3) % (count + 3);
            to[2 + i] = count - 1 - i;
        }
        var rows = new RowList(from, to);
        rows.first = 2;
        rows.count = count;
        rows.tileRow = GemmTile.ROWS;
        var tiles = new RowTiles();
        tiles.reserve(RowTiles.size(GemmTile.ROWS + count, COLUMNS));
        tiles.prepare();
        Arrays.fill(tiles.elements(), Float.NaN);
        for (int tile = 0; tile * GemmTile.ROWS < count; tile++) {
            tiles.put(x, COLUMNS, rows, tile);
        }
        float[] out = new float[count * FEATURES];
        Arrays.fill(out, Float.NaN);
        for (int panel = 0; panel < Gemm.panels(matrix); panel++) {
            Gemm.multiply(tiles.elements(), rows, matrix, bias, out, panel, new Scratch(0));
        }
        for (int i = 0; i < count; i++) {
            for (int f = 0; f < FEATURES; f++) {
                double sum = bias == null ? 0 : bias[f];
                double magnitude = Math.abs(sum);
                for (int k = 0; k < COLUMNS; k++) {
                    double product = (double) x[from[2 + i] * COLUMNS + k] * weights[f * COLUMNS + k];
                    sum += product;
                    magnitude += Math.abs(product);
                }
                assertEquals(sum, out[to[2 + i] * FEATURES + f], 1e-5 * magnitude, matrix.format() + ", row " + i + " of " + count + ", feature " + f);
            }
        }
    }

    private static float[] floats(int n, Random random) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = random.nextFloat() - 0.5f;
        }
        return x;
    }
}

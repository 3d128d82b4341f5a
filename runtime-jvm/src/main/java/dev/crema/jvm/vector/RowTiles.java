package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Value;

import java.util.Arrays;

/**
 * Rows of x as {@link GemmTile} reads them: of each 6 rows the elements of a column stand together, one address for all. One array serves all mat-muls
 * of a graph, which run one after the other.
 */
final class RowTiles {
    private static final int ROWS = GemmTile.ROWS;

    private int most;
    private float[] elements;

    /** Elements that so many rows take, whole tiles. */
    static int size(int rows, int channels) {
        return (rows + ROWS - 1) / ROWS * ROWS * channels;
    }

    /** Makes sure that so many elements will have room. */
    void reserve(int size) {
        most = Math.max(most, size);
    }

    float[] elements() {
        if (elements == null) {
            elements = new float[most];
        }
        return elements;
    }

    /** Puts one tile of the listed rows; the last one repeats its last row. */
    void put(float[] x, int channels, RowList rows, int tile) {
        int first = rows.first + tile * ROWS;
        int last = rows.first + rows.count - 1;
        int to = rows.tiles + tile * ROWS * channels;
        put(x, rows.x[first] * channels, rows.x[Math.min(first + 1, last)] * channels, rows.x[Math.min(first + 2, last)] * channels, channels, to);
        put(x, rows.x[Math.min(first + 3, last)] * channels, rows.x[Math.min(first + 4, last)] * channels,
            rows.x[Math.min(first + 5, last)] * channels, channels, to + 3);
    }

    private void put(float[] x, int a, int b, int c, int channels, int to) {
        float[] target = elements;
        for (int k = 0; k < channels; k++, to += ROWS) {
            target[to] = x[a + k];
            target[to + 1] = x[b + k];
            target[to + 2] = x[c + k];
        }
    }

    /** The kernel that makes the tiles for mat-muls of x, and whole numbers where {@code many} is not null, where these have many rows. */
    Kernel kernel(Value x, float[] xs, Matrix[] weights, IntRows many) {
        RowList rows = RowList.consecutive(xs.length / x.channels());
        boolean anyTiles = !Arrays.stream(weights).allMatch(IntGemm::supports);
        if (anyTiles) {
            reserve(size(rows.x.length, x.channels()));
        }
        return new Kernel() {
            @Override
            public int prepare(FlatBatch batch) {
                elements();
                rows.count = HostBuffers.rows(x, batch);
                rows.prefill = MatMulKernel.isPrefill(x, batch);
                for (Matrix weight : weights) {
                    if (!MatMulKernel.isFew(rows, weight)) {
                        return (rows.count + ROWS - 1) / ROWS;
                    }
                }
                return 0;
            }

            @Override
            public void run(int piece, int thread) {
                if (anyTiles) {
                    put(xs, x.channels(), rows, piece);
                }
                if (many != null) {
                    many.set(xs, piece * ROWS, Math.min(rows.count, (piece + 1) * ROWS));
                }
            }
        };
    }
}

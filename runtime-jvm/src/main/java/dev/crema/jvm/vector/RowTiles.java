package dev.crema.jvm.vector;

/**
 * Rows of x as {@link GemmTile} reads them: of the rows of a tile the elements of a column stand together, one address for all. One array serves all mat-muls
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

    /** Takes the memory, once. */
    void prepare() {
        if (elements == null) {
            elements = new float[most];
        }
    }

    float[] elements() {
        return elements;
    }

    /** Puts one tile of the listed rows; the last one repeats its last row. */
    void put(float[] x, int channels, RowList rows, int tile) {
        int first = rows.first + tile * ROWS;
        int last = rows.first + rows.count - 1;
        int to = (rows.tileRow + tile * ROWS) * channels;
        for (int r = 0; r <= ROWS - 3; r += ROWS - 3) { // Three at a time, of four rows two of them twice.
            int row = first + r;
            put(x, rows.x[Math.min(row, last)] * channels, rows.x[Math.min(row + 1, last)] * channels, rows.x[Math.min(row + 2, last)] * channels, channels, to + r);
        }
    }

    private void put(float[] x, int a, int b, int c, int channels, int to) {
        float[] target = elements;
        for (int k = 0; k < channels; k++, to += ROWS) {
            target[to] = x[a + k];
            target[to + 1] = x[b + k];
            target[to + 2] = x[c + k];
        }
    }
}

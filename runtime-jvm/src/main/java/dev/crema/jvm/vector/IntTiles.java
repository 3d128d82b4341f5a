package dev.crema.jvm.vector;

/**
 * Rows of x in whole numbers as {@link ShortTile} and {@link ByteTile} read them: of the rows of a tile the numbers of a column stand together, one address for
 * all, and each run of 32 channels has a scale, see {@link IntRows}. One object serves all mat-muls of a graph, which run one after the other.
 */
final class IntTiles {
    private static final int ROWS = ShortTile.ROWS;
    private static final int BLOCK = IntRows.BLOCK;

    private int most;
    /** [rows / ROWS, channels, ROWS]: each as two equal shorts, because processors broadcast 32 bits from memory at no cost. Some of the last tile may be of no row. */
    int[] quants;
    /** [rows, channels / 32] */
    float[] scales;
    /** [rows, channels / 32]: the sum of x as it was, for what weights have in common. */
    float[] sums;

    /** Makes sure that so many elements, of whole tiles, will have room. */
    void reserve(int size) {
        most = Math.max(most, size);
    }

    /** Takes the memory, once. */
    void prepare() {
        if (quants == null) {
            quants = new int[most];
            scales = new float[most / BLOCK];
            sums = new float[most / BLOCK];
        }
    }

    /** Puts rows {@code from .. to-1} of the list; {@code block} is room for 32 numbers. */
    void put(float[] x, int channels, RowList rows, int from, int to, int[] block) {
        for (int i = from; i < to; i++) {
            int source = rows.x[rows.first + i] * channels;
            int row = rows.tileRow + i;
            for (int k = 0; k < channels; k += BLOCK) {
                int at = (row * channels + k) / BLOCK;
                float scale = IntRows.scale(x, source + k);
                IntRows.quantise(x, source + k, scale, block, 0);
                scales[at] = scale;
                sums[at] = IntRows.sum(x, source + k) + IntRows.sum(x, source + k + BLOCK / 2);
                put(block, (row / ROWS * channels + k) * ROWS + row % ROWS);
            }
        }
    }

    private void put(int[] block, int to) {
        int[] target = quants;
        for (int i = 0; i < BLOCK; i++) {
            target[to + i * ROWS] = block[i];
        }
    }
}

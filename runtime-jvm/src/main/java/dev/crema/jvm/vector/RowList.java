package dev.crema.jvm.vector;

/** Rows that are multiplied together: the i-th is row {@code x[first + i]} of the operand and row {@code out[first + i]} of the product. */
final class RowList {
    final int[] x;
    final int[] out;
    int first;
    int count;
    /** Which row of {@link RowTiles} or {@link IntTiles} the first of them is, the first of a tile. */
    int tileRow;
    /** Whether they are multiplied in the form for many, however few they are. */
    boolean prefill;

    RowList(int[] x, int[] out) {
        this.x = x;
        this.out = out;
    }

    /** Rows one after the other, up to {@code most}. */
    static RowList consecutive(int most) {
        int[] rows = new int[most];
        for (int i = 0; i < most; i++) {
            rows[i] = i;
        }
        return new RowList(rows, rows);
    }
}

package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Value;

import java.util.Arrays;

/**
 * A mat-mul with the matrices of each row's experts. An entry is a row and one of its experts; entries are listed expert by expert, and then
 * each expert that somebody chose is a mat-mul of its own rows, so that its weights are read once.
 */
final class ExpertKernel implements Kernel {
    private final Value routes;
    private final float[] choices;
    private final float[] xs;
    /** By expert; all have the same product. */
    private final MatMulKernel.Part[] experts;
    private final RowTiles tiles;
    private final Scratch[] scratch;
    private final int topK;
    /** Entries for which one row of x stands: topK, or 1 where each has its own. */
    private final int perX;
    /** By expert, over the same arrays. */
    private final RowList[] rows;
    /** For packed weights, else null. */
    private final IntRows bytes;
    /** Piece numbers: those of expert e are {@code ends[e-1] .. ends[e]-1}. */
    private final int[] ends;

    ExpertKernel(Value routes, float[] choices, float[] xs, boolean sharesX, RowTiles tiles, MatMulKernel.Part[] experts, Scratch[] scratch) {
        this.routes = routes;
        this.choices = choices;
        this.xs = xs;
        this.tiles = tiles;
        this.experts = experts;
        this.scratch = scratch;
        topK = routes.channels() / 2;
        perX = sharesX ? topK : 1;
        int entries = choices.length / routes.channels() * topK;
        int[] x = new int[entries];
        int[] out = new int[entries];
        rows = new RowList[experts.length];
        Arrays.setAll(rows, e -> new RowList(x, out));
        tiles.reserve(RowTiles.size(entries + Math.min(entries, experts.length) * (GemmTile.ROWS - 1), experts[0].weight().columns()));
        ends = new int[experts.length];
        bytes = MatMulKernel.anyPacked(experts) ? new IntRows(entries / perX, experts[0].weight().columns()) : null;
    }

    /** The routes are there: a kernel is prepared when those before it have run. */
    @Override
    public int prepare(FlatBatch batch) {
        int rowCount = HostBuffers.rows(routes, batch);
        for (RowList list : rows) {
            list.count = 0;
            list.prefill = MatMulKernel.isPrefill(routes, batch);
        }
        for (int entry = 0; entry < rowCount * topK; entry++) {
            rows[expertOf(entry)].count++;
        }
        if (bytes != null) {
            bytes.set(xs, rowCount * topK / perX);
        }
        int before = 0;
        int pieces = 0;
        for (int e = 0; e < experts.length; e++) {
            rows[e].first = before;
            before += rows[e].count;
            pieces += rows[e].count == 0 ? 0 : MatMulKernel.pieces(rows[e], experts[e].weight());
            ends[e] = pieces;
            rows[e].count = 0;
        }
        for (int entry = 0; entry < rowCount * topK; entry++) {
            RowList list = rows[expertOf(entry)];
            int at = list.first + list.count++;
            list.x[at] = entry / perX;
            list.out[at] = entry;
        }
        putTiles();
        return pieces;
    }

    private void putTiles() {
        int channels = experts[0].weight().columns();
        int at = 0;
        for (RowList list : rows) {
            if (list.count > 0 && !MatMulKernel.isFew(list, experts[0].weight())) {
                tiles.elements();
                list.tiles = at;
                for (int tile = 0; tile * GemmTile.ROWS < list.count; tile++) {
                    tiles.put(xs, channels, list, tile);
                }
                at += RowTiles.size(list.count, channels);
            }
        }
    }

    private int expertOf(int entry) {
        return (int) choices[entry / topK * 2 * topK + entry % topK];
    }

    @Override
    public void run(int piece, int thread) {
        int e = 0;
        while (piece >= ends[e]) {
            e++;
        }
        int begin = e == 0 ? 0 : ends[e - 1];
        MatMulKernel.multiply(xs, tiles, bytes, rows[e], experts[e], piece - begin, ends[e] - begin, scratch[thread]);
    }
}

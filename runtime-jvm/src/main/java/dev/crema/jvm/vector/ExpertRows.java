package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Value;

import java.util.Arrays;

/**
 * Lists which rows of x go to which expert, and makes the forms of x that the mat-muls of those rows take. An entry is a row and one of its experts; entries
 * are listed expert by expert, over two arrays that all lists share.
 */
final class ExpertRows implements Kernel {
    private static final int ROWS = GemmTile.ROWS;

    /** By expert. */
    final RowList[] lists;
    private final Value routes;
    private final float[] choices;
    private final Operand operand;
    /** One expert's matrix; those of all have its shape and format. */
    private final Matrix weight;
    private final Scratch[] scratch;
    private final int topK;
    /** Entries for which one row of x stands: topK, or 1 where each has its own. */
    private final int perX;
    /** Tiles of experts 0 .. e. */
    private final int[] tileEnds;

    ExpertRows(Value routes, float[] choices, Operand operand, boolean sharesX, int experts, Matrix weight, Scratch[] scratch) {
        this.routes = routes;
        this.choices = choices;
        this.operand = operand;
        this.weight = weight;
        this.scratch = scratch;
        topK = routes.channels() / 2;
        perX = sharesX ? topK : 1;
        int entries = choices.length / routes.channels() * topK;
        int[] x = new int[entries];
        int[] out = new int[entries];
        lists = new RowList[experts];
        Arrays.setAll(lists, e -> new RowList(x, out));
        tileEnds = new int[experts];
        operand.reserve(RowTiles.size(entries + Math.min(entries, experts) * (ROWS - 1), weight.columns()), new Matrix[] {weight});
    }

    /** The routes are there: a kernel is prepared when those before it have run. */
    @Override
    public int prepare(FlatBatch batch) {
        int rowCount = HostBuffers.rows(routes, batch);
        boolean prefill = MatMulKernel.isPrefill(routes, batch);
        list(rowCount * topK, prefill);
        int tiles = 0;
        boolean anyFew = false;
        for (int e = 0; e < lists.length; e++) {
            RowList list = lists[e];
            boolean isFew = MatMulKernel.isFew(list, weight);
            anyFew |= list.count > 0 && isFew;
            list.tileRow = tiles * ROWS;
            tiles += isFew ? 0 : (list.count + ROWS - 1) / ROWS;
            tileEnds[e] = tiles;
        }
        if (anyFew && operand.few() != null) {
            operand.few().set(operand.xs(), rowCount * topK / perX);
        }
        if (tiles > 0) {
            operand.tiles().prepare();
            operand.ints().prepare();
        }
        return tiles;
    }

    private void list(int entries, boolean prefill) {
        for (RowList list : lists) {
            list.count = 0;
            list.prefill = prefill;
        }
        for (int entry = 0; entry < entries; entry++) {
            lists[expertOf(entry)].count++;
        }
        int before = 0;
        for (RowList list : lists) {
            list.first = before;
            before += list.count;
            list.count = 0;
        }
        for (int entry = 0; entry < entries; entry++) {
            RowList list = lists[expertOf(entry)];
            int at = list.first + list.count++;
            list.x[at] = entry / perX;
            list.out[at] = entry;
        }
    }

    private int expertOf(int entry) {
        return (int) choices[entry / topK * 2 * topK + entry % topK];
    }

    /** Makes one tile. */
    @Override
    public void run(int piece, int thread) {
        int e = 0;
        while (piece >= tileEnds[e]) {
            e++;
        }
        RowList list = lists[e];
        int tile = piece - list.tileRow / ROWS;
        if (IntGemm.supports(weight)) {
            operand.ints().put(operand.xs(), weight.columns(), list, tile * ROWS, Math.min(list.count, (tile + 1) * ROWS), scratch[thread].words);
        } else {
            operand.tiles().put(operand.xs(), weight.columns(), list, tile);
        }
    }
}

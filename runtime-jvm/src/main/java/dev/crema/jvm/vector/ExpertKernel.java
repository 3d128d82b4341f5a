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
    private final Operand operand;
    /** By expert; all have the same product. */
    private final MatMulKernel.Part[] experts;
    private final Scratch[] scratch;
    private final int topK;
    /** Entries for which one row of x stands: topK, or 1 where each has its own. */
    private final int perX;
    /** By expert, over the same arrays. */
    private final RowList[] rows;
    /** Piece numbers: those of expert e are {@code ends[e-1] .. ends[e]-1}. */
    private final int[] ends;

    ExpertKernel(Value routes, float[] choices, Operand operand, boolean sharesX, MatMulKernel.Part[] experts, Scratch[] scratch) {
        this.routes = routes;
        this.choices = choices;
        this.operand = operand;
        this.experts = experts;
        this.scratch = scratch;
        topK = routes.channels() / 2;
        perX = sharesX ? topK : 1;
        int entries = choices.length / routes.channels() * topK;
        int[] x = new int[entries];
        int[] out = new int[entries];
        rows = new RowList[experts.length];
        Arrays.setAll(rows, e -> new RowList(x, out));
        int tileRows = entries + Math.min(entries, experts.length) * (GemmTile.ROWS - 1);
        operand.reserve(RowTiles.size(tileRows, experts[0].weight().columns()), new Matrix[] {experts[0].weight()});
        ends = new int[experts.length];
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
        int before = 0;
        int pieces = 0;
        for (int e = 0; e < experts.length; e++) {
            rows[e].first = before;
            before += rows[e].count;
            pieces += rows[e].count == 0 ? 0 : MatMulKernel.pieces(rows[e], experts[e].weight(), scratch.length);
            ends[e] = pieces;
            rows[e].count = 0;
        }
        for (int entry = 0; entry < rowCount * topK; entry++) {
            RowList list = rows[expertOf(entry)];
            int at = list.first + list.count++;
            list.x[at] = entry / perX;
            list.out[at] = entry;
        }
        putRows(rowCount * topK / perX);
        return pieces;
    }

    /** Makes those forms of x that somebody takes. */
    private void putRows(int xRows) {
        boolean anyFew = false;
        boolean anyMany = false;
        for (RowList list : rows) {
            boolean isFew = MatMulKernel.isFew(list, experts[0].weight());
            anyFew |= list.count > 0 && isFew;
            anyMany |= list.count > 0 && !isFew;
        }
        if (anyFew && operand.few() != null) {
            operand.few().set(operand.xs(), xRows);
        }
        if (anyMany) {
            putTiles();
        }
    }

    /** Each list has tiles of its own. */
    private void putTiles() {
        Matrix weight = experts[0].weight();
        boolean isInts = IntGemm.supports(weight);
        if (isInts) {
            operand.ints().prepare();
        } else {
            operand.tiles().prepare();
        }
        int row = 0;
        for (RowList list : rows) {
            if (list.count == 0 || MatMulKernel.isFew(list, weight)) {
                continue;
            }
            list.tileRow = row;
            if (isInts) {
                operand.ints().put(operand.xs(), weight.columns(), list, 0, list.count, scratch[0].words);
            }
            for (int tile = 0; !isInts && tile * GemmTile.ROWS < list.count; tile++) {
                operand.tiles().put(operand.xs(), weight.columns(), list, tile);
            }
            row += RowTiles.size(list.count, 1);
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
        MatMulKernel.multiply(operand, rows[e], experts[e], piece - begin, ends[e] - begin, scratch[thread]);
    }
}

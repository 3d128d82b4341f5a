package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;

/** A mat-mul with the matrices of each row's experts: each expert that somebody chose is a mat-mul of its own rows, so that its weights are read once. */
final class ExpertKernel implements Kernel {
    private final ExpertRows rows;
    private final Operand operand;
    /** By expert; all have the same product. */
    private final MatMulKernel.Part[] experts;
    private final Scratch[] scratch;
    /** Piece numbers: those of expert e are {@code ends[e-1] .. ends[e]-1}. */
    private final int[] ends;

    /** {@code rows} has listed them when this is prepared. */
    ExpertKernel(ExpertRows rows, Operand operand, MatMulKernel.Part[] experts, Scratch[] scratch) {
        this.rows = rows;
        this.operand = operand;
        this.experts = experts;
        this.scratch = scratch;
        ends = new int[experts.length];
    }

    @Override
    public int prepare(FlatBatch batch) {
        int pieces = 0;
        for (int e = 0; e < experts.length; e++) {
            RowList list = rows.lists[e];
            pieces += list.count == 0 ? 0 : MatMulKernel.pieces(list, experts[e].weight(), scratch.length);
            ends[e] = pieces;
        }
        return pieces;
    }

    @Override
    public void run(int piece, int thread) {
        int e = 0;
        while (piece >= ends[e]) {
            e++;
        }
        int begin = e == 0 ? 0 : ends[e - 1];
        MatMulKernel.multiply(operand, rows.lists[e], experts[e], piece - begin, ends[e] - begin, scratch[thread]);
    }
}

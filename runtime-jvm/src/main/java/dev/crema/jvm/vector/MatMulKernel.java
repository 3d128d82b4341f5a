package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Value;

/** Mat-muls of one x, as q, k and v are: they run as one task, which saves two of three times that threads wait for each other. */
final class MatMulKernel implements Kernel {
    /** One of the mat-muls; bias may be null. */
    record Part(Matrix weight, float[] bias, float[] out) { }

    /** With more rows than this, packing a panel pays. */
    private static final int MAT_VEC_ROWS = 6;
    /** Weights that make a piece of a product with few rows. */
    private static final int PIECE_BYTES = 24 * 1024;

    private final Value x;
    private final float[] xs;
    private final Part[] parts;
    private final Scratch[] scratch;
    /** Piece numbers: those of part i are {@code ends[i-1] .. ends[i]-1}. */
    private final int[] ends;
    private int rows;

    MatMulKernel(Value x, float[] xs, Part[] parts, Scratch[] scratch) {
        this.x = x;
        this.xs = xs;
        this.parts = parts;
        this.scratch = scratch;
        ends = new int[parts.length];
    }

    @Override
    public int prepare(FlatBatch batch) {
        rows = HostBuffers.rows(x, batch);
        int pieces = 0;
        for (int i = 0; i < parts.length && rows > 0; i++) {
            Matrix weight = parts[i].weight;
            pieces += rows <= MAT_VEC_ROWS ? Math.clamp(weight.bytes().byteSize() / PIECE_BYTES, 1, weight.rows()) : Gemm.panels(weight);
            ends[i] = pieces;
        }
        return pieces;
    }

    @Override
    public void run(int piece, int thread) {
        int i = 0;
        while (piece >= ends[i]) {
            i++;
        }
        Part part = parts[i];
        int begin = i == 0 ? 0 : ends[i - 1];
        if (rows > MAT_VEC_ROWS) {
            Gemm.multiply(xs, rows, part.weight, part.bias, part.out, piece - begin, scratch[thread]);
        } else {
            long features = part.weight.rows();
            int pieces = ends[i] - begin;
            int from = (int) (features * (piece - begin) / pieces);
            int to = (int) (features * (piece - begin + 1) / pieces);
            MatVec.multiply(xs, rows, part.weight, part.bias, part.out, from, to, scratch[thread].decoded);
        }
    }
}

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
    private final RowList rows;

    MatMulKernel(Value x, float[] xs, Part[] parts, Scratch[] scratch) {
        this.x = x;
        this.xs = xs;
        this.parts = parts;
        this.scratch = scratch;
        ends = new int[parts.length];
        rows = RowList.consecutive(xs.length / x.channels());
    }

    @Override
    public int prepare(FlatBatch batch) {
        rows.count = HostBuffers.rows(x, batch);
        int pieces = 0;
        for (int i = 0; i < parts.length && rows.count > 0; i++) {
            pieces += pieces(rows.count, parts[i].weight);
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
        multiply(xs, rows, part, piece - begin, ends[i] - begin, scratch[thread]);
    }

    /** In how many pieces a product of so many rows is cut. */
    static int pieces(int rows, Matrix weight) {
        return rows <= MAT_VEC_ROWS ? Math.clamp(weight.bytes().byteSize() / PIECE_BYTES, 1, weight.rows()) : Gemm.panels(weight);
    }

    /** Computes one of {@code pieces} of a product. */
    static void multiply(float[] xs, RowList rows, Part part, int piece, int pieces, Scratch scratch) {
        if (rows.count > MAT_VEC_ROWS) {
            Gemm.multiply(xs, rows, part.weight, part.bias, part.out, piece, scratch);
        } else {
            long features = part.weight.rows();
            int from = (int) (features * piece / pieces);
            int to = (int) (features * (piece + 1) / pieces);
            MatVec.multiply(xs, rows, part.weight, part.bias, part.out, from, to, scratch.decoded);
        }
    }
}

package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Value;
import dev.crema.tensor.Shape;

import java.util.List;

/** Mat-muls of one x, as q, k and v are: they run as one task, which saves two of three times that threads wait for each other. */
final class MatMulKernel implements Kernel {
    /** One of the mat-muls; bias may be null. */
    record Part(Matrix weight, float[] bias, float[] out) { }

    /** With more rows than this, packing a panel pays. */
    private static final int MAT_VEC_ROWS = 6;
    /** Packed weights meet rows in pairs up to here: as fast a row as panels are, which first have to be packed. */
    static final int PACKED_ROWS = 16;
    /** Weights that make a piece of a product with few rows. */
    private static final int PIECE_BYTES = 64 * 1024;

    private final Value x;
    private final Operand operand;
    private final Part[] parts;
    private final Scratch[] scratch;
    /** Piece numbers: those of part i are {@code ends[i-1] .. ends[i]-1}. */
    private final int[] ends;
    private final Matrix[] weights;
    private final RowList rows;

    /** Where rows are many, the tiles or whole numbers of the operand have them when this runs. */
    MatMulKernel(Value x, Operand operand, Part[] parts, Matrix[] weights, Scratch[] scratch) {
        this.x = x;
        this.operand = operand;
        this.parts = parts;
        this.scratch = scratch;
        this.weights = weights;
        ends = new int[parts.length];
        rows = RowList.consecutive(operand.xs().length / x.channels());
    }

    @Override
    public Matrix[] weights() {
        return weights;
    }

    @Override
    public int prepare(FlatBatch batch) {
        rows.count = HostBuffers.rows(x, batch);
        rows.prefill = isPrefill(x, batch);
        if (operand.few() != null && rows.count <= PACKED_ROWS) {
            operand.few().set(operand.xs(), rows.count);
        }
        int pieces = 0;
        for (int i = 0; i < parts.length && rows.count > 0; i++) {
            pieces += pieces(rows, parts[i].weight, scratch.length);
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
        multiply(operand, rows, part, piece - begin, ends[i] - begin, scratch[thread]);
    }

    /** Whether rows of x are tokens of a step in the form of prompts. */
    static boolean isPrefill(Value x, FlatBatch batch) {
        return batch.batch.prefill() && x.shape().extent(0) == Shape.TOKENS;
    }

    static boolean isFew(RowList rows, Matrix weight) {
        return !rows.prefill && rows.count <= fewRows(weight);
    }

    private static int fewRows(Matrix weight) {
        return weight.packed() ? PACKED_ROWS : MAT_VEC_ROWS;
    }

    /** How many rows are few for all of the weights, where a step is not a prompt's. */
    static int fewRows(List<Matrix> weights) {
        return weights.stream().mapToInt(MatMulKernel::fewRows).min().orElse(MAT_VEC_ROWS);
    }

    /** In how many pieces a product of so many rows is cut. */
    static int pieces(RowList rows, Matrix weight, int threads) {
        if (isFew(rows, weight)) {
            if (threads == 1) {
                return 1;
            }
            return Math.clamp(weight.bytes().byteSize() / PIECE_BYTES, 1, weight.packed() ? Packed.groups(weight.rows()) : weight.rows());
        }
        return IntGemm.supports(weight) ? IntGemm.pieces(rows, weight, threads) : Gemm.panels(weight);
    }

    /** Computes one of {@code pieces} of a product. */
    static void multiply(Operand x, RowList rows, Part part, int piece, int pieces, Scratch scratch) {
        if (isFew(rows, part.weight)) {
            multiplyFew(x, rows, part, piece, pieces, scratch);
        } else if (IntGemm.supports(part.weight)) {
            IntGemm.multiply(x.ints(), rows, part, piece, pieces, scratch);
        } else {
            Gemm.multiply(x.tiles().elements(), rows, part.weight, part.bias, part.out, piece, scratch);
        }
    }

    private static void multiplyFew(Operand x, RowList rows, Part part, int piece, int pieces, Scratch scratch) {
        if (!part.weight.packed()) {
            long features = part.weight.rows();
            int from = (int) (features * piece / pieces);
            int to = (int) (features * (piece + 1) / pieces);
            MatVec.multiply(x.xs(), rows, part.weight, part.bias, part.out, from, to, scratch.decoded);
            return;
        }
        IntRows few = x.few();
        long groups = Packed.groups(part.weight.rows());
        for (int group = (int) (groups * piece / pieces); group < groups * (piece + 1) / pieces; group++) {
            int i = rows.first;
            for (; i < rows.first + rows.count - 1; i += 2) {
                PackedDot.multiply(few, rows.x[i], rows.x[i + 1], part.weight, group, part.bias, part.out, rows.out[i], rows.out[i + 1], scratch);
            }
            if (i < rows.first + rows.count) {
                PackedDot.multiply(few, rows.x[i], part.weight, group, part.bias, part.out, rows.out[i], scratch);
            }
        }
    }
}

package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Value;

import java.util.Arrays;

/** Makes the tiles of x for mat-muls that will read them, where these have many rows. */
final class TileKernel implements Kernel {
    private static final int ROWS = GemmTile.ROWS;

    private final Value x;
    private final Operand operand;
    private final Matrix[] weights;
    private final Scratch[] scratch;
    private final RowList rows;
    private final boolean anyFloats;
    private final boolean anyInts;

    TileKernel(Value x, Operand operand, Matrix[] weights, Scratch[] scratch) {
        this.x = x;
        this.operand = operand;
        this.weights = weights;
        this.scratch = scratch;
        rows = RowList.consecutive(operand.xs().length / x.channels());
        anyFloats = !Arrays.stream(weights).allMatch(IntGemm::supports);
        anyInts = Arrays.stream(weights).anyMatch(IntGemm::supports);
        operand.reserve(RowTiles.size(rows.x.length, x.channels()), weights);
    }

    @Override
    public int prepare(FlatBatch batch) {
        rows.count = HostBuffers.rows(x, batch);
        rows.prefill = MatMulKernel.isPrefill(x, batch);
        for (Matrix weight : weights) {
            if (!MatMulKernel.isFew(rows, weight)) {
                operand.tiles().prepare();
                operand.ints().prepare();
                return (rows.count + ROWS - 1) / ROWS;
            }
        }
        return 0;
    }

    @Override
    public void run(int piece, int thread) {
        if (anyFloats) {
            operand.tiles().put(operand.xs(), x.channels(), rows, piece);
        }
        if (anyInts) {
            operand.ints().put(operand.xs(), x.channels(), rows, piece * ROWS, Math.min(rows.count, (piece + 1) * ROWS), scratch[thread].words);
        }
    }
}

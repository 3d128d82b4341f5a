package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Op;
import dev.crema.reference.Router;

/** Chooses experts, all rows on one thread: a row is a few hundred comparisons, less than waking another one costs. */
final class RouteKernel implements Kernel {
    private final Op.Route op;
    private final Router router;
    private final float[] scores;
    private final float[] out;
    private int rows;

    RouteKernel(Op.Route op, float[] bias, float[] scores, float[] out) {
        this.op = op;
        this.scores = scores;
        this.out = out;
        router = new Router(op.routing(), op.scores().channels(), bias);
    }

    @Override
    public int prepare(FlatBatch batch) {
        rows = HostBuffers.rows(op.out(), batch);
        return rows == 0 ? 0 : 1;
    }

    @Override
    public void run(int piece, int thread) {
        router.route(scores, rows, out);
    }
}

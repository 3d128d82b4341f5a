package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;

/** One op (or several that run together) with its operands, made when the graph is compiled. A step allocates nothing. */
interface Kernel extends Workers.Task {
    Matrix[] NO_WEIGHTS = {};

    /** Looks at the batch, when all kernels before have run, and says in how many pieces the work is cut. */
    int prepare(FlatBatch batch);

    /** The weights that it reads whole: they must have their bytes before {@link #prepare}. */
    default Matrix[] weights() {
        return NO_WEIGHTS;
    }
}

package dev.crema.model;

import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.Value;

/** Linear layers of a checkpoint: each a weight [out, in] and, where the checkpoint has one, a bias [out]. */
final class Linears {
    private Linears() { }

    /** {@code weights}' weight and bias. */
    static Op.Linear of(Weights weights, int in, int out) {
        return new Op.Linear(weights.get("weight", out, in), weights.optional("bias", out));
    }

    /** Rows {@code {from, count}} of a layer of {@code whole} rows. */
    static Op.Linear part(Weights weights, String label, int in, int whole, int[]... runs) {
        return new Op.Linear(weights.pick("weight", label, runs, whole, in), weights.has("bias") ? weights.pick("bias", label, runs, whole) : null);
    }

    /** x [rows, in] to [rows, out]. */
    static Value apply(GraphBuilder g, String name, Value x, Op.Linear linear) {
        return g.matMul(name, x, linear.weight(), linear.bias());
    }
}

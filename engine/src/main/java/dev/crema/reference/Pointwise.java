package dev.crema.reference;

import dev.crema.graph.Activation;

/** Ops that treat each element alone. */
final class Pointwise {
    private Pointwise() { }

    /** {@code out = activation(gate) * up} over n elements. */
    static void gated(float[] gate, float[] up, Activation activation, int n, float[] out) {
        for (int i = 0; i < n; i++) {
            out[i] = (float) Activations.of(activation, gate[i]) * up[i];
        }
    }

    /** {@code out = outer * activation(inner * x)} over n elements. */
    static void activate(float[] x, Activation activation, float inner, float outer, int n, float[] out) {
        for (int i = 0; i < n; i++) {
            out[i] = (float) (outer * Activations.of(activation, inner * x[i]));
        }
    }

    /** {@code out = a + b} over n elements. */
    static void add(float[] a, float[] b, int n, float[] out) {
        for (int i = 0; i < n; i++) {
            out[i] = a[i] + b[i];
        }
    }
}

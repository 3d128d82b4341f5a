package dev.crema.reference;

import dev.crema.graph.Activation;

/** Ops that treat each element alone. */
final class Pointwise {
    private Pointwise() { }

    /** {@code out = activation(gate) * up} over n elements. */
    static void gated(float[] gate, float[] up, Activation activation, int n, float[] out) {
        switch (activation) {
            case SILU -> {
                for (int i = 0; i < n; i++) {
                    out[i] = silu(gate[i]) * up[i];
                }
            }
        }
    }

    /** x * sigmoid(x) */
    private static float silu(float x) {
        return (float) (x / (1 + Math.exp(-x)));
    }

    /** {@code out = a + b} over n elements. */
    static void add(float[] a, float[] b, int n, float[] out) {
        for (int i = 0; i < n; i++) {
            out[i] = a[i] + b[i];
        }
    }
}

package dev.crema.model;

import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;

/** The kind of norm that a model has everywhere, and its eps. */
record Norms(Kind kind, float eps) {
    enum Kind {
        /** {@code x / rms(x) * weight}. */
        RMS,
        /** {@code x / rms(x) * (1 + weight)}. */
        RMS_PLUS_ONE,
        /** {@code (x - mean) / deviation * weight + bias}, the bias where the checkpoint has one. */
        LAYER,
        /** The same with neither weight nor bias. */
        PLAIN
    }

    /** A norm with its weights: x, out [rows, channels]. */
    interface Norm {
        Value of(GraphBuilder g, String name, Value x);
    }

    /** The norm whose tensors are {@code weights}' weight and bias, of {@code channels}. */
    Norm of(Weights weights, int channels) {
        return switch (kind) {
            case RMS -> rms(weights.get("weight", channels));
            case RMS_PLUS_ONE -> rms(weights.plusOne("weight", channels));
            case LAYER -> layer(weights.get("weight", channels), weights.optional("bias", channels));
            case PLAIN -> layer(null, null);
        };
    }

    /** The same, or one that does nothing where the checkpoint has no such tensor. */
    Norm optional(Weights weights, int channels) {
        return weights.has("weight") ? of(weights, channels) : (g, name, x) -> x;
    }

    private Norm rms(Weight weight) {
        return (g, name, x) -> g.rmsNorm(name, x, weight, eps);
    }

    private Norm layer(Weight weight, Weight bias) {
        return (g, name, x) -> g.layerNorm(name, x, weight, bias, eps);
    }
}

package dev.crema.jvm.vector;

import dev.crema.graph.Activation;

/** The functions of {@link Activation} over elements {@code from .. to-1} of arrays; C2 makes vectors of these loops by itself. */
final class Activations {
    /** gpt-oss's {@code swiglu_limit}. */
    private static final float LIMIT = 7;
    private static final float QUICK = 1.702f;
    private static final float SQRT_HALF = 0.70710678f;
    /** Elements that stay in the first cache while one loop after the other goes over them. */
    private static final int CHUNK = 1024;

    private Activations() { }

    /** {@code out = activation(gate) * up}; out is neither of them. */
    static void gated(Activation activation, float[] gate, float[] up, float[] out, int from, int to) {
        for (int at = from; at < to; at += CHUNK) {
            int end = Math.min(to, at + CHUNK);
            apply(activation, gate, 1, out, at, end);
            for (int i = at; i < end; i++) {
                out[i] *= up[i];
            }
        }
    }

    /** {@code out = outer * activation(inner * x)}; out is not x. */
    static void scaled(Activation activation, float[] x, float inner, float outer, float[] out, int from, int to) {
        for (int at = from; at < to; at += CHUNK) {
            int end = Math.min(to, at + CHUNK);
            apply(activation, x, inner, out, at, end);
            for (int i = at; i < end && outer != 1; i++) {
                out[i] *= outer;
            }
        }
    }

    /** {@code out = activation(inner * x)}. */
    private static void apply(Activation activation, float[] x, float inner, float[] out, int from, int to) {
        switch (activation) {
            case SILU -> sigmoided(x, inner, 1, Float.POSITIVE_INFINITY, out, from, to);
            case GELU -> gelu(x, inner, out, from, to);
            case GELU_TANH -> geluTanh(x, inner, out, from, to);
            case QUICK_GELU -> sigmoided(x, inner, QUICK, Float.POSITIVE_INFINITY, out, from, to);
            case RELU -> bound(x, inner, 0, Float.MAX_VALUE, 0, out, from, to);
            case RELU2 -> {
                bound(x, inner, 0, Float.MAX_VALUE, 0, out, from, to);
                for (int i = from; i < to; i++) {
                    out[i] *= out[i];
                }
            }
            case TANH -> tanh(x, inner, out, from, to);
            case IDENTITY -> bound(x, inner, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 0, out, from, to);
            case LIMITED_QUICK_GELU -> sigmoided(x, inner, QUICK, LIMIT, out, from, to);
            case LIMITED_PLUS_ONE -> bound(x, inner, -LIMIT, LIMIT, 1, out, from, to);
        }
    }

    private static void bound(float[] x, float inner, float low, float high, float plus, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            out[i] = Math.min(Math.max(inner * x[i], low), high) + plus;
        }
    }

    /** {@code v * sigmoid(slope * v)} of v up to {@code most}. */
    private static void sigmoided(float[] x, float inner, float slope, float most, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            out[i] = Math.min(inner * x[i], most) * -slope;
        }
        Exp.exp(out, from, to);
        for (int i = from; i < to; i++) {
            out[i] = Math.min(inner * x[i], most) / (out[i] + 1);
        }
    }

    /** As v * sigmoid(2u): 0.5 (1 + tanh u) is sigmoid(2u). */
    private static void geluTanh(float[] x, float inner, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            float v = inner * x[i];
            out[i] = (v * v * 0.044715f + 1) * v * -1.5957691f;
        }
        Exp.exp(out, from, to);
        for (int i = from; i < to; i++) {
            out[i] = inner * x[i] / (out[i] + 1);
        }
    }

    private static void tanh(float[] x, float inner, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            out[i] = inner * x[i] * 2;
        }
        Exp.exp(out, from, to);
        for (int i = from; i < to; i++) {
            out[i] = 1 - 2 / (out[i] + 1);
        }
    }

    /** With the error function of Abramowitz and Stegun, 7.1.26: {@code erf(|z|) = 1 - p(t) e^(-z^2)}, to 1.5e-7. */
    private static void gelu(float[] x, float inner, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            float z = Math.abs(inner * x[i]) * SQRT_HALF;
            out[i] = -z * z;
        }
        Exp.exp(out, from, to);
        for (int i = from; i < to; i++) {
            float v = inner * x[i];
            float t = 1 / (Math.abs(v) * SQRT_HALF * 0.3275911f + 1);
            float p = ((((t * 1.061405429f - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
            // Above 0 it is v less the tail, below it is the tail's negative.
            out[i] = Math.max(v, 0) - p * out[i] * 0.5f * Math.abs(v);
        }
    }
}

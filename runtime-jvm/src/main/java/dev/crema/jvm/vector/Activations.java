package dev.crema.jvm.vector;

import dev.crema.graph.Activation;
import jdk.incubator.vector.FloatVector;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;

/** The functions of {@link Activation} over elements {@code from .. to-1} of arrays; loops without {@code exp} are left to the compiler. */
final class Activations {
    /** gpt-oss's {@code swiglu_limit}. */
    private static final float LIMIT = 7;
    private static final float QUICK = 1.702f;
    private static final float SQRT_HALF = 0.70710678f;

    private Activations() { }

    /** {@code out = activation(gate) * up}; out is neither of them. */
    static void gated(Activation activation, float[] gate, float[] up, float[] out, int from, int to) {
        System.arraycopy(gate, from, out, from, to - from);
        apply(activation, out, from, to);
        for (int i = from; i < to; i++) {
            out[i] *= up[i];
        }
    }

    /** {@code out = factor * x}. */
    static void scale(float[] x, float factor, float[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            out[i] = factor * x[i];
        }
    }

    /** {@code x = activation(x)}. */
    static void apply(Activation activation, float[] x, int from, int to) {
        switch (activation) {
            case SILU -> sigmoided(x, 1, from, to);
            case GELU -> gelu(x, from, to);
            case GELU_TANH -> geluTanh(x, from, to);
            case QUICK_GELU -> sigmoided(x, QUICK, from, to);
            case RELU -> bound(x, 0, Float.MAX_VALUE, from, to);
            case RELU2 -> {
                bound(x, 0, Float.MAX_VALUE, from, to);
                for (int i = from; i < to; i++) {
                    x[i] *= x[i];
                }
            }
            case TANH -> tanh(x, from, to);
            case IDENTITY -> { }
            case LIMITED_QUICK_GELU -> {
                bound(x, -Float.MAX_VALUE, LIMIT, from, to);
                sigmoided(x, QUICK, from, to);
            }
            case LIMITED_PLUS_ONE -> {
                bound(x, -LIMIT, LIMIT, from, to);
                for (int i = from; i < to; i++) {
                    x[i] += 1;
                }
            }
        }
    }

    private static void bound(float[] x, float low, float high, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] = Math.min(Math.max(x[i], low), high);
        }
    }

    private static void sigmoided(float[] x, float slope, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            v.div(Exp.exp(v.mul(-slope)).add(1)).intoArray(x, i);
        }
        for (; i < to; i++) {
            x[i] = (float) (x[i] / (1 + Math.exp(-slope * x[i])));
        }
    }

    /** As x * sigmoid(2u): 0.5 (1 + tanh u) is sigmoid(2u). */
    private static void geluTanh(float[] x, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            FloatVector u = v.mul(v).mul(0.044715f).add(1).mul(v).mul(-1.5957691f);
            v.div(Exp.exp(u).add(1)).intoArray(x, i);
        }
        for (; i < to; i++) {
            x[i] = (float) (x[i] / (1 + Math.exp(-1.5957691 * (x[i] + 0.044715 * x[i] * x[i] * x[i]))));
        }
    }

    private static void tanh(float[] x, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            FloatVector grown = Exp.exp(FloatVector.fromArray(F, x, i).mul(2)).add(1);
            FloatVector.broadcast(F, 1).sub(FloatVector.broadcast(F, 2).div(grown)).intoArray(x, i);
        }
        for (; i < to; i++) {
            x[i] = (float) Math.tanh(x[i]);
        }
    }

    /** With the error function of Abramowitz and Stegun, 7.1.26: {@code erf(|z|) = 1 - p(t) e^(-z^2)}, to 1.5e-7. */
    private static void gelu(float[] x, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            FloatVector v = FloatVector.fromArray(F, x, i);
            FloatVector z = v.abs().mul(SQRT_HALF);
            FloatVector t = FloatVector.broadcast(F, 1).div(z.mul(0.3275911f).add(1));
            FloatVector p = t.mul(1.061405429f).add(-1.453152027f).mul(t).add(1.421413741f).mul(t).add(-0.284496736f).mul(t).add(0.254829592f).mul(t);
            FloatVector tail = p.mul(Exp.exp(z.mul(z).neg())).mul(0.5f).mul(v.abs());
            // Above 0 it is x less the tail, below it is the tail's negative.
            v.max(0).sub(tail).intoArray(x, i);
        }
        for (; i < to; i++) {
            double z = Math.abs(x[i]) * Math.sqrt(0.5);
            double t = 1 / (1 + 0.3275911 * z);
            double p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
            x[i] = (float) (Math.max(x[i], 0) - 0.5 * Math.abs(x[i]) * p * Math.exp(-z * z));
        }
    }
}

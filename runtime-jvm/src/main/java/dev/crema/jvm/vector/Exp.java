package dev.crema.jvm.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;

/** The exponential function and what is made of it. The Vector API's own needs a native library that not every JDK brings. */
final class Exp {
    /** Adding it leaves the nearest whole number in the low bits of a float. */
    private static final float ROUNDER = 0x1.8p23f;
    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    private Exp() { }

    /**
     * Replaces elements {@code from .. to-1} by e^x to about 2 units in the last place: 2^n times the polynomial of Cephes' expf; below -87 it is 0 or
     * nearly so. It takes an array and not a vector, because C2 leaves it a call wherever it has compiled it before, and then vectors become objects.
     */
    static void exp(float[] x, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            FloatVector bounded = FloatVector.fromArray(F, x, i).max(-87.33f).min(88.37f);
            FloatVector rounded = bounded.fma(FloatVector.broadcast(F, LOG2_E), FloatVector.broadcast(F, ROUNDER));
            FloatVector n = rounded.sub(ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_LOW), n.fma(FloatVector.broadcast(F, -LN2_HIGH), bounded));
            FloatVector p = r.fma(FloatVector.broadcast(F, 1.9875691500e-4f), FloatVector.broadcast(F, 1.3981999507e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
            p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
            p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
            p = p.fma(r.mul(r), r).add(1);
            p.reinterpretAsInts().add(rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().intoArray(x, i);
        }
        for (; i < to; i++) {
            x[i] = exp(x[i]);
        }
    }

    /** The same of one number, with the same bits: several times as fast as {@code Math.exp}. */
    static float exp(float x) {
        float bounded = Math.min(Math.max(x, -87.33f), 88.37f);
        float rounded = Math.fma(bounded, LOG2_E, ROUNDER);
        float n = rounded - ROUNDER;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, bounded));
        float p = Math.fma(r, 1.9875691500e-4f, 1.3981999507e-3f);
        p = Math.fma(p, r, 8.3334519073e-3f);
        p = Math.fma(p, r, 4.1665795894e-2f);
        p = Math.fma(p, r, 1.6666665459e-1f);
        p = Math.fma(p, r, 5.0000001201e-1f);
        p = Math.fma(p, r * r, r) + 1;
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(rounded) << 23));
    }

    /** Replaces n scores from {@code from} by {@code exp(score * scale - max)} and returns their sum and the sink's, one more score. */
    static float softmax(float[] scores, int from, int n, float scale, float sink) {
        float max = Math.max(sink, max(scores, from, n, scale));
        for (int i = from; i < from + n; i++) {
            scores[i] = scores[i] * scale - max;
        }
        exp(scores, from, from + n);
        FloatVector sums = FloatVector.zero(F);
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            sums = FloatVector.fromArray(F, scores, from + i).add(sums);
        }
        float sum = Lanes.sum(sums) + (float) Math.exp(sink - max);
        for (; i < n; i++) {
            sum += scores[from + i];
        }
        return sum;
    }

    /** Replaces n scores by {@code cap * tanh(score * scale / cap)}; tanh(x) is 1 - 2 / (e^2x + 1). */
    static void softcap(float[] scores, int from, int n, float scale, float cap) {
        float doubled = 2 * scale / cap;
        for (int i = from; i < from + n; i++) {
            scores[i] *= doubled;
        }
        exp(scores, from, from + n);
        for (int i = from; i < from + n; i++) {
            scores[i] = cap - 2 * cap / (scores[i] + 1);
        }
    }

    private static float max(float[] scores, int from, int n, float scale) {
        FloatVector most = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            most = FloatVector.fromArray(F, scores, from + i).mul(scale).max(most);
        }
        float max = most.reduceLanes(VectorOperators.MAX);
        for (; i < n; i++) {
            max = Math.max(max, scores[from + i] * scale);
        }
        return max;
    }
}

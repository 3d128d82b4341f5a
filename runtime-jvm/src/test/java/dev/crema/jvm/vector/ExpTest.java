package dev.crema.jvm.vector;

import dev.crema.graph.Activation;
import org.junit.jupiter.api.Test;

import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ExpTest {
    @Test
    void siluIsExactToAFewUnitsEverywhere() {
        int n = 20_003;
        float[] gate = new float[n];
        float[] up = new float[n];
        float[] out = new float[n];
        for (int i = 0; i < n; i++) {
            gate[i] = (i - n / 2) * 0.02f;
            up[i] = 1 + i % 3;
        }
        Activations.gated(Activation.SILU, gate, up, out, 0, n);
        for (int i = 0; i < n; i++) {
            double expected = gate[i] / (1 + Math.exp(-(double) gate[i])) * up[i];
            assertEquals(expected, out[i], 1e-6 * Math.abs(expected) + 1e-30, "silu of " + gate[i]);
        }
    }

    @Test
    void softmaxWeightsAddUp() {
        var random = new Random(5);
        for (int n = 1; n < 70; n++) {
            float[] scores = new float[n + 3];
            double[] expected = new double[n];
            double max = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < n; i++) {
                scores[i + 1] = random.nextFloat() * 400 - 200;
                max = Math.max(max, scores[i + 1] * 0.5);
            }
            double sum = 0;
            for (int i = 0; i < n; i++) {
                expected[i] = Math.exp(scores[i + 1] * 0.5 - max);
                sum += expected[i];
            }
            assertEquals(sum, Exp.softmax(scores, 1, n, 0.5f, Float.NEGATIVE_INFINITY), 1e-5 * sum, "n " + n);
            for (int i = 0; i < n; i++) {
                assertEquals(expected[i], scores[i + 1], 2e-6, "n " + n + " i " + i);
            }
            assertTrue(scores[0] == 0 && scores[n + 1] == 0 && scores[n + 2] == 0, "written outside, n " + n);
        }
    }

    /** What is left over after whole vectors has the bits that it would have in one. */
    @Test
    void oneNumberIsAsInAVector() {
        var random = new Random(6);
        int n = 2000 * Lanes.COUNT;
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = (random.nextFloat() - 0.5f) * 220;
        }
        numbers[0] = Float.NEGATIVE_INFINITY;
        float[] powers = numbers.clone();
        Exp.exp(powers, 0, n);
        for (int i = 0; i < n; i++) {
            assertEquals(powers[i], Exp.exp(numbers[i]), "e^" + numbers[i]);
        }
    }
}
